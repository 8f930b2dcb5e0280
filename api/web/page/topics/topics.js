/** The topics, each by its most typical photos that this visitor may see: as a mosaic, on a map, or as a list. */

import { h, measured } from "../../photo-search/dom.js";
import { loadPicture } from "../../photo-search/gallery/picture.js";
import { smallPhotos } from "../../photo-search/post.js";
import { huesOf } from "../../photo-search/topics.js";
import { languageOf } from "../../photo-search/words/words.js";
import { Photosense } from "../../photosense.js";
import { TEXTS } from "../texts.js";
import { layOut, nearest } from "./map.js";

const VIEWS = ["mosaic", "map", "list"];
const PHOTOS = 3;
const SPARE = 3; // posts that may have no photo
const AT_ONCE = 6; // topics that are asked for together
const WORDS = 5;
const BEFORE = 5; // topics that stand beside one in the mosaic, and on the map
const ON_THE_MAP = 4;

const wanted = new URLSearchParams(location.search);
document.documentElement.removeAttribute("lang");
const lang = wanted.get("lang") in TEXTS ? wanted.get("lang") : languageOf(document.documentElement);
const country = wanted.get("country") ?? undefined;
const texts = TEXTS[lang];
const list = document.querySelector("#topics");
const lead = document.querySelector("#lead");
const views = document.querySelector("#views");
const service = new Photosense(".", { country, lang });
const percent = new Intl.NumberFormat(lang, { style: "percent", maximumSignificantDigits: 2 });

let tiles = [];

/* Under the same law and in the same language: the search, the photos of a topic, or this page in another way. */
function hrefTo(page, others = {}) {
  const address = new URL(page, document.baseURI);
  for (const [name, value] of Object.entries({ lang: wanted.get("lang"), country, ...others })) {
    if (value !== null && value !== undefined) address.searchParams.set(name, value);
  }
  return address.href;
}

/* The page's own language comes first; words that are written alike in both stand with the Latin ones. */
function inLanguages(words) {
  const russian = words.filter((word) => /[а-яё]/i.test(word));
  const others = words.filter((word) => !russian.includes(word));
  return (lang === "ru" ? [russian, others] : [others, russian]).filter((some) => some.length);
}

function createTile(topic, hue) {
  const [first, second] = inLanguages(topic.words).map((words) => words.slice(0, WORDS).join(", "));
  const photos = h("div", { class: "photos" });
  const link = h("a", { href: hrefTo("./", { more: topic.topic }) }, photos,
    h("p", { class: "first" }, first ?? topic.tags.join(" ")),
    second ? h("p", { class: "second" }, second) : null,
    h("p", { class: "tags" }, first ? topic.tags.join(" ") : ""),
    h("p", { class: "share", title: texts.shareOfPosts }, percent.format(topic.share)));
  return { topic, photos, element: measured(h("li", {}, link), { hue: hue.toFixed(1), share: topic.share }) };
}

/* Each is told from those before it, in its row and above, and from those that lie near it on the map. */
function huesInOrder(topics) {
  const numbers = topics.map(({ topic }) => topic);
  return huesOf(numbers, (place) => [...new Set([
    ...numbers.slice(Math.max(0, place - BEFORE), place),
    ...nearest(topics.slice(0, place), topics[place], ON_THE_MAP).map(({ topic }) => topic),
  ])]);
}

async function fill(some) {
  const fields = ["thumb", "photo"];
  const searches = some.map(({ topic }) => ({ more_of: [topic.topic], limit: PHOTOS + SPARE, fields }));
  const answers = await service.multiSearch(searches).catch(() => []);
  for (const [number, { answer }] of answers.entries()) {
    const { photos, element } = some[number];
    const posts = (answer?.hits ?? []).filter((hit) => hit.post);
    element.hidden = !posts.length; // nothing of it may be seen here
    const addresses = posts.map((hit) => smallPhotos(hit.post, document.baseURI)).filter((each) => each.length);
    photos.classList.toggle("none", !addresses.length);
    photos.replaceChildren(...addresses.slice(0, PHOTOS).map((each) => {
      const image = h("img", { alt: "", decoding: "async" });
      loadPicture(image, each).then((ratio) => ratio === null && image.remove());
      return image;
    }));
  }
}

function viewNow() {
  const view = new URLSearchParams(location.search).get("view");
  return VIEWS.includes(view) ? view : VIEWS[0];
}

function show() {
  const view = viewNow();
  list.className = view;
  for (const button of views.children) button.setAttribute("aria-pressed", String(button.value === view));
  for (const link of document.querySelectorAll(".languages a")) {
    link.href = hrefTo("topics", { lang: link.lang, view: view === VIEWS[0] ? null : view });
  }
  if (view === "map") layOut(list, tiles.filter(({ element }) => !element.hidden));
}

function choose(view) {
  if (view === viewNow()) return;
  history.pushState(null, "", hrefTo("topics", { view: view === VIEWS[0] ? null : view }));
  show();
}

document.documentElement.lang = lang;
document.title = `${texts.allTopics} · photosense`;
document.querySelector("#title").textContent = texts.allTopics;
lead.textContent = texts.topicsLead;
list.setAttribute("aria-label", texts.allTopics);
document.querySelector(".brand").href = hrefTo("./");
for (const link of document.querySelectorAll(".languages a")) {
  if (link.lang === lang) link.setAttribute("aria-current", "true");
}
views.setAttribute("aria-label", texts.views);
views.append(...VIEWS.map((view) =>
  h("button", { type: "button", value: view, onclick: () => choose(view) }, texts.viewNames[view])));
show();
addEventListener("popstate", show);
let narrow = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(narrow);
  narrow = requestAnimationFrame(show);
});

const answer = await service.topics().catch(() => null);
const named = ({ words, tags }) => words.length || tags.length;
const topics = (answer ?? []).filter((topic) => !topic.background && named(topic));
const hues = huesInOrder(topics);
tiles = topics.map((topic) => createTile(topic, hues.get(topic.topic)));
if (!tiles.length) lead.textContent = answer ? texts.noTopics : texts.silent;
views.hidden = !tiles.length;
list.replaceChildren(...tiles.map(({ element }) => element));
show();
for (let start = 0; start < tiles.length; start += AT_ONCE) {
  await fill(tiles.slice(start, start + AT_ONCE));
  show();
}
list.setAttribute("aria-busy", "false");
if (tiles.length && tiles.every(({ element }) => element.hidden)) {
  lead.textContent = texts.noTopics;
  views.hidden = true;
}
