/** One result: a post with its match and the reasons for it, or the sentence that stands in its place. */

import { h, icon, measured, webAddress } from "./photo-search-dom.js";

const CAPTIONS_SHOWN = 2;
const LOOKS_LIKE = 0.4; // a cosine that three strangers in a hundred have
const TAGS_SHOWN = 6;
const GOLDEN_ANGLE = 137.508; // neighbouring topic numbers get far apart hues, the same in every answer

/**
 * A list item for one hit; `context` has `words`, `photoBase`, `explain` and the actions `select(hit, event)`,
 * `tag(text)` and `similar(hit)`.
 */
export function createCard(hit, context) {
  if (hit.disclaimer) return createDisclaimer(hit.disclaimer);
  const { words } = context;
  const captions = hit.post.captions ?? [];
  const picture = webAddress(hit.post.thumb, context.photoBase) ?? webAddress(hit.post.photo?.small);
  const article = h("article", { class: "card", part: "card" });
  const tile = picture ? photo(hit, picture, context, article) : quote(hit, context);
  article.append(
    h("div", { class: "stage" }, opener(hit, tile, context), similarButton(hit, context)),
    h(
      "div",
      { class: "said" },
      match(hit, context),
      captionList(picture ? captions : captions.slice(1), words),
      tags(hit.post.tags ?? [], context),
    ),
  );
  return h("li", {}, article);
}

/** The sentence on a card of its own, with nothing else in it. */
export function createDisclaimer(sentence) {
  return h("li", {}, h("p", { class: "withheld", part: "disclaimer", lang: "en" }, sentence));
}

/** A card's outline for the time until an answer comes. */
export function createSkeleton() {
  const lines = h("div", { class: "said" }, h("i"), h("i"), h("i"));
  return h("li", { "aria-hidden": "true" }, h("div", { class: "card skeleton" }, h("div", { class: "stage" }), lines));
}

/** A topic as a dot in its colour and the words that it stands for. */
export function createTopic({ topic, words }, ...more) {
  return measured(h("li", { class: "topic" }, ...more, h("span", {}, words.join(", "))), { hue: hueOf(topic) });
}

function hueOf(topic) {
  return ((topic * GOLDEN_ANGLE + 30) % 360).toFixed(1);
}

function photo(hit, address, context, article) {
  return h("img", {
    src: address, alt: hit.post.captions?.[0]?.text || context.words.open, loading: "lazy", decoding: "async",
    onerror: () => article.parentElement?.replaceWith(
      createCard({ ...hit, post: { ...hit.post, thumb: null, photo: hit.post.thumb ? hit.post.photo : null } }, context),
    ),
  });
}

function quote(hit, { words }) {
  const first = hit.post.captions?.[0];
  const text = first?.text || (hit.post.tags ?? []).map(hashed).join(" ") || words.open;
  const size = text.length > 90 ? "long" : text.length > 42 ? "middle" : "short";
  const tile = h("span", { class: `quote ${size}`, part: "quote" }, h("q", {}, text), author(first?.author));
  return measured(tile, { hue: hueOf(hit.why?.[0]?.topic ?? 0) });
}

function opener(hit, tile, context) {
  const address = webAddress(hit.post.link, document.baseURI);
  const onclick = (event) => context.select(hit, event);
  return address
    ? h("a", { class: "open", part: "photo", href: address, onclick }, tile)
    : h("button", { class: "open", part: "photo", type: "button", onclick }, tile);
}

function similarButton(hit, { words, similar }) {
  return h("button",
    { class: "similar", part: "similar", type: "button", title: words.similar, "aria-label": words.similar,
      onclick: () => similar(hit) },
    icon("similar"));
}

function match(hit, { words, explain }) {
  const topics = hit.why ?? [];
  const found = hit.words ?? [];
  if (hit.match === null || hit.match === undefined) {
    return found.length ? h("div", { class: "why" }, foundWords(found, words)) : null;
  }
  const percent = words.percent(hit.match);
  const meter = h("span",
    { class: "meter", part: "match", role: "meter", "aria-label": words.match, "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-valuenow": Math.round(hit.match * 100), "aria-valuetext": percent },
    h("span", { class: "matched" }, topics.map(({ topic, share }) => measured(h("i"), { hue: hueOf(topic), share }))));
  measured(meter, { match: hit.match });
  const score = [meter, h("b", {}, percent), h("span", { class: "muted" }, words.match)];
  if (!topics.length && !found.length) return h("div", { class: "score" }, score);
  const largest = Math.max(...topics.map(({ share }) => share));
  return h(
    "details",
    { class: "why", part: "why", open: explain },
    h("summary", { class: "score" }, score, h("span", { class: "ask" }, words.why)),
    h("ul", { class: "topics" }, topics.map((topic) => createTopic(topic,
      h("span", { class: "number" }, words.percent(topic.share)),
      measured(h("span", { class: "share" }), { share: topic.share / largest })))),
    hit.looks_like >= LOOKS_LIKE ? h("p", { class: "found muted" }, words.looksLike) : null,
    found.length ? foundWords(found, words) : null,
  );
}

function foundWords(found, words) {
  const marks = found.map((word) => h("mark", {}, word));
  return h("p", { class: "found" }, h("span", { class: "muted" }, words.foundInPost), marks);
}

function captionList(captions, words) {
  if (!captions.length) return null;
  const lines = captions.map(({ text, author: handle }) =>
    h("p", { class: "caption", part: "caption" }, text, " ", author(handle)));
  const rest = lines.slice(CAPTIONS_SHOWN);
  const summary = h("summary", { class: "muted" }, words.count(words.moreCaptions, rest.length));
  const folded = rest.length ? h("details", {}, summary, rest) : null;
  return h("div", { class: "captions" }, lines.slice(0, CAPTIONS_SHOWN), folded);
}

function author(handle) {
  return handle ? h("span", { class: "author" }, handle) : null;
}

function tags(list, { words, tag }) {
  if (!list.length) return null;
  const buttons = list.slice(0, TAGS_SHOWN).map(hashed).map((name) => h("button",
    { type: "button", part: "tag", "aria-label": `${words.searchTag} ${name}`, onclick: () => tag(name) }, name));
  return h("p", { class: "tags" }, buttons);
}

function hashed(name) {
  return `#${name.replace(/^#+/, "")}`;
}
