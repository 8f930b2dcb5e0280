/** Text in which the words that made a post wait are marked. */

import { h } from "../dom.js";

/** The text as nodes: each of the words, wherever it stands, in a <mark>. */
export function marked(text, words) {
  const sought = [...new Set(words)].filter(Boolean).sort((one, other) => other.length - one.length);
  if (!sought.length) return [text];
  const pattern = new RegExp(`(${sought.map(escaped).join("|")})`, "gu");
  return text
    .split(pattern)
    .map((part, place) => (place % 2 ? h("mark", {}, part) : part))
    .filter((part) => part !== "");
}

function escaped(word) {
  return word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
