/** The mosaic of topics: each by its most typical photos that this visitor may see, and its words in both languages. */

import { h, measured } from "../photo-search/dom.js";
import { loadPicture } from "../photo-search/gallery/picture.js";
import { smallPhotos } from "../photo-search/post.js";
import { huesOf } from "../photo-search/topics.js";
import { languageOf } from "../photo-search/words/words.js";
import { Photosense } from "../photosense.js";
import { TEXTS } from "./texts.js";

const PHOTOS = 3;
const SPARE = 3; // posts that may have no photo
const AT_ONCE = 6; // topics that are asked for together
const WORDS = 5;
const BESIDE = 4; // topics that stand near one another in the mosaic

const wanted = new URLSearchParams(location.search);
document.documentElement.removeAttribute("lang");
const lang = wanted.get("lang") in TEXTS ? wanted.get("lang") : languageOf(document.documentElement);
const country = wanted.get("country") ?? undefined;
const texts = TEXTS[lang];
const mosaic = document.querySelector("#mosaic");
const service = new Photosense(".", { country, lang });

document.documentElement.lang = lang;
document.querySelector("#title").textContent = texts.allTopics;
document.querySelector("#lead").textContent = texts.topicsLead;

/* Back to the search under the same law and in the same language, or to the photos of a topic. */
function hrefTo(topic = null) {
  const address = new URL("./", document.baseURI);
  for (const [name, value] of [["lang", wanted.get("lang")], ["country", country], ["more", topic]]) {
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

function tile(topic, hue) {
  const [first, second] = inLanguages(topic.words).map((words) => words.slice(0, WORDS).join(", "));
  const photos = h("div", { class: "photos" });
  const link = h("a", { href: hrefTo(topic.topic) }, photos, h("p", { class: "first" }, first ?? topic.tags.join(" ")),
    second ? h("p", {}, second) : null);
  return { topic, photos, element: measured(h("li", {}, link), { hue: hue.toFixed(1) }) };
}

/* Each is told from those before it, in its row and above. */
function huesInOrder(topics) {
  const numbers = topics.map(({ topic }) => topic);
  const before = (place) => numbers.slice(Math.max(0, place - BESIDE), place);
  return numbers.map((number, place) => huesOf([...before(place), number]).get(number));
}

async function fill(tiles) {
  const fields = ["thumb", "photo"];
  const searches = tiles.map(({ topic }) => ({ more_of: [topic.topic], limit: PHOTOS + SPARE, fields }));
  const answers = await service.multiSearch(searches).catch(() => []);
  for (const [number, { answer }] of answers.entries()) {
    const { photos, element } = tiles[number];
    const addresses = (answer?.hits ?? []).map((hit) => smallPhotos(hit.post ?? {}, document.baseURI))
      .filter((some) => some.length).slice(0, PHOTOS);
    element.hidden = !addresses.length; // nothing of it may be seen here
    photos.replaceChildren(...addresses.map((some) => {
      const image = h("img", { alt: "", decoding: "async" });
      loadPicture(image, some).then((ratio) => ratio === null && image.remove());
      return image;
    }));
  }
}

document.querySelector(".brand").href = hrefTo();
const answer = await service.topics().catch(() => null);
const named = ({ words, tags }) => words.length || tags.length;
const topics = (answer ?? []).filter((topic) => !topic.background && named(topic));
const hues = huesInOrder(topics);
const tiles = topics.map((topic, number) => tile(topic, hues[number]));
if (!tiles.length) document.querySelector("#lead").textContent = answer ? texts.noTopics : texts.silent;
mosaic.replaceChildren(...tiles.map(({ element }) => element));
for (let start = 0; start < tiles.length; start += AT_ONCE) await fill(tiles.slice(start, start + AT_ONCE));
