/** A post's whole life as a line of time: what was found, decided, recorded, shown and taken down. */

import { h, openDialog } from "../dom.js";

/** Opens it for a post; what is gone has one as well. */
export async function openLife(client, words, post) {
  const place = h("div", { class: "life" }, h("p", { class: "muted" }, words.loading));
  openDialog(`${words.lifeTitle} ${post}`, words.close, place);
  try {
    place.replaceChildren(...lineOfTime(await client.get(`v1/posts/${encodeURIComponent(post)}/compliance/life`), words));
  } catch (refusal) {
    place.replaceChildren(h("p", { class: "fault" }, words.sentence(refusal)));
  }
}

function lineOfTime({ added, version, facts, events, faults }, words) {
  const items = [];
  if (added) items.push(item(added, `${words.cameIn}${version === null ? "" : `, ${words.version(version)}`}`, words));
  for (const earlier of [...(facts?.history ?? []), ...(facts ? [facts] : [])]) {
    if (earlier.source !== "reviewer") items.push(item(null, foundIn(earlier, words), words));
  }
  for (const event of events) items.push(item(event.at, happened(event, words), words, event.event));
  const now = facts ? words.children[facts.child] : words.notStored;
  return [
    ...faults.map((fault) => h("p", { class: "fault" }, fault)),
    h("ol", { class: "timeline" }, ...items, events.length ? null : h("li", { class: "muted" }, words.nothingRecorded)),
    h("p", { class: "now" }, `${words.countsNow}: ${now}`),
  ];
}

function item(at, says, words, kind = "") {
  return h("li", { "data-kind": kind }, at ? h("time", { datetime: at }, words.moment(at)) : null, h("span", {}, says));
}

function foundIn({ child, source, score, rules }, words) {
  const why = rules.map((rule) => words.rule(rule)).filter(Boolean);
  const told = [words.sources[source], ...(score === undefined ? [] : [words.score(words.share(score))])];
  return `${words.countsAs(words.children[child])} (${told.join(", ")})${why.length ? `. ${[...new Set(why)].join(" ")}` : ""}`;
}

function happened(event, words) {
  const child = words.children[event.child] ?? event.child;
  return words.happenings[event.event]({
    ...event,
    child,
    count: words.number(event.count ?? 1),
    remains: words.remains[event.reason] ?? "",
    consent: event.consent ? terms(event.consent, words) : "",
  });
}

/** The terms of a consent in words: its record, where and until when it holds. */
export function terms({ by, countries, until }, words) {
  const where = countries.length ? countries.map((code) => words.country(code)).join(", ") : words.everywhere;
  return `${by} · ${where} · ${until ? words.untilDay(words.day(until)) : words.withoutEnd}`;
}
