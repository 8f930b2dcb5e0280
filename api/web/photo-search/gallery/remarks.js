/** The lines above the photos: how the question was understood, and what of it is not known here. */

import { h } from "../dom.js";
import { createSteering, createTopic, huesOf } from "../topics.js";

const TOPICS_SHOWN = 4;
const TOPIC_WORDS_SHOWN = 3;

/** The lines that an answer gives rise to; most give none. `steer` and `ask` are those of the steering. */
export function remarksOf({ query, country, fit }, words, { steer, ask }) {
  const lines = [];
  const say = (what, text, part) => lines.push(h("p", { part }, h("span", { class: "muted" }, what), " ", text));
  const understood = (query?.topics ?? []).slice(0, TOPICS_SHOWN);
  const others = steer.filter(({ topic }) => !understood.some((one) => one.topic === topic));
  const topics = [...understood, ...others];
  if (topics.length) lines.push(about(topics, words, steer, ask));
  const mended = Object.entries(query?.respelled ?? {});
  const meant = mended.map(([typed, word]) => `${typed} → ${word}`);
  if (mended.length) say(words.respelled, meant.join(", "), "respelled");
  const widening = query?.understood ?? [];
  const same = widening.map(({ typed, words: widened }) => `${typed} → ${widened.join(", ")}`);
  if (widening.length) say(words.sameIdea, same.join("; "), "understood");
  const unknown = query?.unknown_terms ?? [];
  if (unknown.length) say(words.unknown, unknown.join(", "), "unknown");
  if (fit === "weak") lines.push(h("p", { class: "muted", part: "weak" }, words.onlyWeak));
  const note = country && words.countryNote(country);
  if (note) lines.push(h("p", { class: "muted" }, note));
  return lines;
}

function about(topics, words, steer, ask) {
  const hues = huesOf(topics.map(({ topic }) => topic));
  const items = topics.map((topic) => createTopic({ words: topic.words.slice(0, TOPIC_WORDS_SHOWN) },
    hues.get(topic.topic), null, createSteering(topic, words, steer, ask)));
  return h("div", { class: "about" }, h("span", { class: "muted" }, words.about), h("ul", { class: "topics" }, items));
}
