/** The form by which a model is learned: what it says goes before the settings of the service. */

import { h } from "../dom.js";

const KEPT_OUT = 10; // every tenth post

export function learnForm(words, begin) {
  const told = words.modelWords;
  const number = (name, least, most) =>
    h("input", { name, type: "number", inputmode: "numeric", min: least, max: most, placeholder: told.bySettings });
  const [topics, passes] = [number("topics", 2, 2000), number("passes", 1, 1000)];
  const committee = h(
    "select",
    { name: "committee" },
    h("option", { value: "" }, told.bySettings),
    ...[1, 3, 5].map((count) => h("option", { value: String(count) }, words.count(told.members, count))),
  );
  const check = (name, says, checked) => {
    const box = h("input", { type: "checkbox", name, checked });
    return [box, h("label", { class: "check" }, box, h("span", {}, says))];
  };
  const [aside, asideLabel] = check("aside", told.keepAside, true);
  const [publish, publishLabel] = check("publish", told.publishAtOnce, false);
  const resume = h("button", { type: "button", "data-kind": "train", onclick: () => begin({ ...options(), resume: true }) }, told.resume);
  const options = () => ({
    ...(topics.value ? { topics: Number(topics.value) } : {}),
    ...(passes.value ? { passes: Number(passes.value) } : {}),
    ...(committee.value ? { committee: Number(committee.value) } : {}),
    ...(aside.checked ? { held_out: KEPT_OUT } : {}),
    publish: publish.checked,
  });
  const submit = (event) => {
    event.preventDefault();
    begin(options());
  };
  return h(
    "form",
    { class: "learn", onsubmit: submit },
    h("div", { class: "row" }, h("label", {}, told.topics, topics), h("label", {}, told.passes, passes), h("label", {}, told.committee, committee)),
    asideLabel,
    publishLabel,
    h("div", { class: "row" }, h("button", { type: "submit", class: "main", "data-kind": "train" }, told.learn), resume),
  );
}
