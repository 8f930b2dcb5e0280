/** The strip of photos that are similar to the one in the lightbox. */

import { h } from "../dom.js";
import { loadPicture } from "../gallery/picture.js";
import { nameOf, smallPhotos } from "../post.js";

/** A list of small photos under a heading; `open(hits, number)` is called with the one that was chosen among them. */
export function createStrip(hits, { words, photoBase, open }) {
  const shown = hits.filter((hit) => hit.post && smallPhotos(hit.post, photoBase).length);
  if (!shown.length) return null;
  const loads = [];
  const items = shown.map((hit, number) => {
    const image = h("img", { alt: nameOf(hit.post) || words.open, decoding: "async" });
    const item = h("li", {}, h("button", { type: "button", onclick: () => open(shown, number) }, image));
    loads.push(loadPicture(image, smallPhotos(hit.post, photoBase)).then((ratio) => ratio === null && item.remove()));
    return item;
  });
  const strip = h("section", { class: "strip", part: "strip", "aria-label": words.similarPosts },
    h("h2", {}, words.similarPosts), h("ul", {}, items));
  Promise.all(loads).then(() => strip.classList.add("ready")); // a strip whose photos push each other is a nuisance
  return strip;
}
