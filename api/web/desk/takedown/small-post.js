/** A stored post in small: its photo, smeared until looked at, its first words, and what it counts as. */

import { h } from "../dom.js";
import { Photo } from "../queue/photo.js";

export function smallPost({ id, post, facts }, words, more = null) {
  const photo = new Photo(post, `${words.photoOf} ${id}`, words, () => photo.look(), false);
  return h(
    "article",
    { class: "small-post", "aria-label": id },
    photo.element,
    h(
      "div",
      {},
      h("p", { class: "id" }, id),
      h("p", {}, post.captions[0]?.text ?? ""),
      facts ? h("p", { class: "muted" }, words.children[facts.child]) : null,
      more,
    ),
  );
}
