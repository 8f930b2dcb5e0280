/** What is known of the post in the lightbox: what people said, where it was taken, how well it matches and why. */

import { h, measured } from "../dom.js";
import { hashed } from "../post.js";
import { createSteering, createTopic, huesOf } from "../topics.js";

const LOOKS_LIKE = 0.4; // a cosine that three strangers in a hundred have
const LINKED = ["place", "taken", "camera"]; // what people ask first stands first

/** The parts about one hit, as they are read; `actions`: `tag(text)`, `steer(topic, less)`, `steered()`. */
export function aboutPost(hit, words, actions) {
  const { attrs, tags } = hit.post;
  return [
    captions(hit, words),
    hit.post.consented ? h("p", { class: "muted" }, words.consented) : null,
    facts(attrs ?? {}, words),
    match(hit, words, actions),
    tagList(tags ?? [], words, actions),
  ].filter(Boolean);
}

function captions({ post, highlights }, words) {
  const list = post.captions ?? [];
  if (!list.length) return null;
  const lines = list.map(({ text, author }, number) => h("figure", { class: "caption", part: "caption" },
    h("blockquote", {}, marked(text, (highlights ?? []).filter(({ caption }) => caption === number))),
    author ? h("figcaption", { class: "author" }, author) : null));
  return h("section", { class: "captions", "aria-label": words.captions }, lines);
}

/* The service counts characters as code points, so that letters beyond the first plane are one each. */
function marked(text, highlights) {
  const letters = [...text];
  const parts = [];
  let at = 0;
  for (const { start, end } of [...highlights].sort((one, other) => one.start - other.start)) {
    if (start < at) continue;
    parts.push(letters.slice(at, start).join(""), h("mark", {}, letters.slice(start, end).join("")));
    at = end;
  }
  return [...parts, letters.slice(at).join("")].filter((part) => part !== "");
}

function facts(attrs, words) {
  const rank = ([name]) => (LINKED.includes(name) ? LINKED.indexOf(name) : LINKED.length);
  const isPlain = (value) => value !== null && (typeof value !== "object" || Array.isArray(value));
  const known = Object.entries(attrs).filter(([, value]) => isPlain(value));
  if (!known.length) return null;
  const rows = known.sort((one, other) => rank(one) - rank(other)).map(([name, value]) =>
    h("div", {}, h("dt", {}, words.fields[name] ?? name), h("dd", {}, words.value([value].flat().join(", ")))));
  return h("dl", { class: "facts", part: "attrs" }, rows);
}

function match(hit, words, actions) {
  const topics = hit.why ?? [];
  const inPost = hit.words ?? [];
  if (hit.match === null || hit.match === undefined) return inPost.length ? wordsInPost(inPost, words) : null;
  const percent = words.percent(hit.match);
  const hues = huesOf(topics.map(({ topic }) => topic));
  const parts = topics.map(({ topic, share }) => measured(h("i"), { hue: hues.get(topic).toFixed(1), share }));
  const meter = h("span",
    { class: "meter", role: "meter", "aria-label": words.match, "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-valuenow": Math.round(hit.match * 100), "aria-valuetext": percent },
    h("span", { class: "filled" }, parts));
  const lines = topics.map((topic) => createTopic({ words: topic.words.slice(0, 5) }, hues.get(topic.topic),
    h("span", { class: "number" }, words.percent(topic.share)),
    createSteering(topic, words, actions.steered(), actions.steer)));
  return h("section", { class: "why", part: "why", "aria-label": words.why },
    h("p", { class: "score" }, h("b", {}, percent), " ", h("span", { class: "muted" }, words.match)),
    measured(meter, { match: hit.match }),
    lines.length ? h("ul", { class: "topics" }, lines) : null,
    hit.looks_like >= LOOKS_LIKE ? h("p", { class: "muted" }, words.looksLike) : null,
    inPost.length ? wordsInPost(inPost, words) : null);
}

function wordsInPost(inPost, words) {
  const marks = inPost.map((word) => h("mark", {}, word));
  return h("p", { class: "in-post" }, h("span", { class: "muted" }, words.inPost), marks);
}

function tagList(list, words, actions) {
  if (!list.length) return null;
  const button = (name) => h("button", { type: "button", part: "tag", "aria-label": `${words.searchTag} ${name}`,
    onclick: () => actions.tag(name) }, name);
  return h("p", { class: "tags" }, list.map(hashed).map(button));
}
