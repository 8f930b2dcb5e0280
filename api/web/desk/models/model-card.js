/** One model: how good it is, in words, how it compares with the one in force, and what may be done with it. */

import { h } from "../dom.js";

export function modelCard(model, { words, active, before, compared, act }) {
  const told = words.modelWords;
  const inForce = model.state === "in_force";
  const button = (kind, says, do_, main = false) =>
    h("button", { type: "button", class: main ? "main" : null, "data-kind": kind, onclick: do_ }, says);
  const actions = inForce
    ? [before ? button("publish", told.rollback(before), () => act.rollback()) : null]
    : [active ? button("compare", told.compare, () => act.compare(model)) : null, button("publish", told.publish, () => act.publish(model), true)];
  const measured = [
    model.live_topics === null ? null : words.count(told.liveTopics, model.live_topics),
    model.documents === null ? null : words.count(told.measuredOn, model.documents),
  ];
  return h(
    "article",
    { class: `model ${model.state}`, "aria-label": model.id },
    h("header", {}, h("h3", {}, h("code", {}, model.id)), h("span", { class: "state" }, words.statusWords.states[model.state])),
    h("p", { class: "muted" }, [`${told.learned} ${words.ago(model.learned)}`, ...measured].filter(Boolean).join(" · ")),
    guessed(model, words),
    ...model.verdict.map(({ code, says }) => h("p", {}, told.verdicts[code]?.(words.number(model.documents ?? 0)) ?? says)),
    compared && active && compared.other === active.id ? comparison(compared, words) : null,
    h("div", { class: "row" }, ...actions),
  );
}

/** How many times better words are guessed than by who knows no topics. */
function guessed(model, words) {
  const told = words.modelWords;
  const lines = Object.entries(model.perplexity)
    .filter(([name, value]) => value > 0 && model.usual[name])
    .map(([name, value]) => [words.statusWords.modalities[name] ?? name, model.usual[name] / value]);
  if (!lines.length) return null;
  return h(
    "dl",
    { class: "gains" },
    ...lines.flatMap(([name, gain]) => [h("dt", {}, name), h("dd", {}, told.timesBetter(words.number(Math.round(gain * 10) / 10)))]),
  );
}

function comparison(report, words) {
  const told = words.modelWords;
  const [ours, theirs] = [report.figures[report.model], report.figures[report.other]];
  const line = (name, key) => {
    const bar = (share, says, cls) =>
      h("div", { class: `bar ${cls}` }, h("meter", { min: "0", max: "1", value: String(share), "aria-label": `${name}, ${says}` }), h("span", {}, words.share(share)), h("span", { class: "muted" }, says));
    return h("div", { class: "pair" }, h("span", {}, name), bar(ours[key], told.thisOne, "ours"), bar(theirs[key], told.inForceOne, "theirs"));
  };
  return h(
    "section",
    { class: `comparison ${report.verdict}` },
    h("h4", {}, told.compared[report.verdict]),
    h("p", { class: "muted" }, `${words.count(told.asked[report.by], report.questions)} ${told.wins(words.number(report.better), words.number(report.worse))}`),
    line(told.first, "first_1"),
    line(told.firstFive, "first_5"),
    line(told.firstTen, "first_10"),
  );
}
