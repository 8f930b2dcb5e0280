/** One post among others: its photo, or its words where it has none, or the sentence that stands in its place. */

import { h, iconButton, langOf, measured } from "../dom.js";
import { nameOf, smallPhotos } from "../post.js";
import { hueOf } from "../topics.js";
import { loadPicture } from "./picture.js";

const PATIENCE_MS = 700; // what has not come by then is given the usual shape, and keeps it
const USUAL = 4 / 3;
const NARROWEST = 0.6;
const WIDEST = 2.4;
const SENTENCE = 1.9;

/**
 * A tile for one hit, and a promise that its shape is known; `context` has `words`, `photoBase` and the actions
 * `select(hit)` and `similar(hit)`.
 */
export function createTile(hit, context) {
  if (hit.disclaimer) return { element: createDisclaimer(hit.disclaimer), ready: Promise.resolve() };
  const { words } = context;
  const open = h("button", { class: "open", part: "photo", type: "button", onclick: () => context.select(hit) });
  const similar = iconButton("similar", words.similar, () => context.similar(hit),
    { class: "similar", part: "similar" });
  const card = h("article", { class: "card", part: "card" }, open, similar);
  const element = h("li", {}, card);
  element.dataset.post = hit.id;
  const addresses = smallPhotos(hit.post, context.photoBase);
  if (!addresses.length) {
    open.append(quote(hit, words));
    shape(element, quoteRatio(hit.post));
    return { element, ready: Promise.resolve() };
  }
  if (hit.post.consented) card.append(h("span", { class: "consent", part: "consent" }, words.consent));
  const image = h("img", { alt: nameOf(hit.post) || words.open, decoding: "async" });
  open.append(image, legend(hit, words));
  shape(element, USUAL);
  const loaded = loadPicture(image, addresses).then((ratio) => {
    if (ratio === null) open.replaceChildren(quote(hit, words));
    else if (!element.isConnected) shape(element, ratio); // one that is shown already must not jump
  });
  return { element, ready: Promise.race([loaded, new Promise((done) => setTimeout(done, PATIENCE_MS))]) };
}

/** The sentence on a tile of its own, with nothing else in it. */
export function createDisclaimer(sentence) {
  const law = h("p", { class: "withheld", part: "disclaimer", lang: langOf(sentence) }, sentence);
  return shape(h("li", {}, law), SENTENCE);
}

/** A tile's outline for the time until an answer comes. */
export function createSkeleton(number) {
  const ratio = [1.33, 1.33, 0.75, 1.33, 1, 1.33, 1.33][number % 7];
  return shape(h("li", { "aria-hidden": "true" }, h("div", { class: "card skeleton" })), ratio);
}

function shape(element, ratio) {
  return measured(element, { ratio: Math.min(Math.max(ratio, NARROWEST), WIDEST).toFixed(3) });
}

function legend(hit, words) {
  const percent = hit.match === null || hit.match === undefined ? null : words.percent(hit.match);
  const match = percent && h("span", { class: "percent", part: "match", title: words.match }, percent);
  return h("span", { class: "legend", part: "legend" },
    h("span", { class: "name", "aria-hidden": "true" }, nameOf(hit.post)), match);
}

function quote(hit, words) {
  const first = hit.post.captions?.[0];
  const author = first?.author ? h("span", { class: "author" }, first.author) : null;
  const tile = h("span", { class: "quote", part: "quote" }, h("q", {}, nameOf(hit.post) || words.open), author);
  return measured(tile, { hue: hueOf(hit.why?.[0]?.topic ?? 0).toFixed(1) });
}

/* Longer words get a wider tile. */
function quoteRatio(post) {
  const letters = nameOf(post).length;
  return letters > 110 ? 1.9 : letters > 60 ? 1.5 : 1.2;
}
