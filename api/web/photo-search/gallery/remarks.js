/** The lines above the photos: how the question was understood, and what of it is not known here. */

import { h } from "../dom.js";
import { createTopic, huesOf } from "../topics.js";

const TOPICS_SHOWN = 4;
const TOPIC_WORDS_SHOWN = 3;

/** The lines that an answer gives rise to; most give none. */
export function remarksOf({ query, country }, words) {
  const lines = [];
  const say = (what, text, part) => lines.push(h("p", { part }, h("span", { class: "muted" }, what), " ", text));
  const topics = (query?.topics ?? []).slice(0, TOPICS_SHOWN);
  if (topics.length) lines.push(about(topics, words));
  const mended = Object.entries(query?.respelled ?? {});
  const meant = mended.map(([typed, word]) => `${typed} → ${word}`);
  if (mended.length) say(words.respelled, meant.join(", "), "respelled");
  const others = query?.understood ?? [];
  const same = others.map(({ typed, words: widened }) => `${typed} → ${widened.join(", ")}`);
  if (others.length) say(words.sameIdea, same.join("; "), "understood");
  const unknown = query?.unknown_terms ?? [];
  if (unknown.length) say(words.unknown, unknown.join(", "), "unknown");
  const note = country && words.countryNote(country);
  if (note) lines.push(h("p", { class: "muted" }, note));
  return lines;
}

function about(topics, words) {
  const hues = huesOf(topics.map(({ topic }) => topic));
  const items = topics.map(({ topic, words: telling }) =>
    createTopic({ words: telling.slice(0, TOPIC_WORDS_SHOWN) }, hues.get(topic)));
  return h("div", { class: "about" }, h("span", { class: "muted" }, words.about), h("ul", { class: "topics" }, items));
}
