/** The last backup, and the next one at a click. */

import { h } from "../dom.js";

export function backupCard(backup, words, begin) {
  const told = words.modelWords;
  return h(
    "div",
    { class: "row" },
    h("p", {}, backup ? `${words.moment(backup.at)} (${words.ago(backup.at)}) · ${words.count(words.statusWords.ofPosts, backup.posts)}` : told.noBackup),
    h("button", { type: "button", "data-kind": "backup", onclick: begin }, told.backUp),
  );
}
