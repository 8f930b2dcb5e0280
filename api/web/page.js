/** The page around <photo-search>: language, what the service offers (countries, examples), and an address that can be shared. */

import { h, icon } from "./photo-search-dom.js";
import { languageOf } from "./photo-search-words.js";
import "./photo-search.js";

const STATUS_PATIENCE_MS = 4000;
const MODES = ["hybrid", "topics", "words"];
const SAYINGS = {
  en: {
    title: "Find photos by what they are about",
    lead: "In words, by a photo, or both. Every match says why.",
    country: "Seen from",
    examples: "Try",
    posts: (n) => `${n} posts`,
    topics: (n) => `${n} topics`,
  },
  ru: {
    title: "Фотографии — по смыслу",
    lead: "Словами, по фото или вместе. Каждое совпадение объяснено.",
    country: "Страна",
    examples: "Например",
    posts: (n) => `постов: ${n}`,
    topics: (n) => `тем: ${n}`,
  },
};

const search = document.querySelector("photo-search");
const country = document.querySelector("#country");
const countries = country.querySelector("select");
const examples = document.querySelector("#examples");
const footer = document.querySelector("#footer");
const languages = [...document.querySelectorAll(".languages button")];

let status = null;

function speak(lang) {
  document.documentElement.lang = lang;
  search.setAttribute("lang", lang);
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = SAYINGS[lang][place.dataset.say];
  for (const button of languages) button.setAttribute("aria-pressed", String(button.value === lang));
  showStatus(lang);
}

function showStatus(lang) {
  const { posts, topics, examples: heading } = SAYINGS[lang];
  const number = new Intl.NumberFormat(lang);
  const facts = [];
  if (status) facts.push(posts(number.format(status.posts)));
  if (status?.model) facts.push(topics(number.format(status.model.topics)));
  if (status?.version) facts.push(`photosense ${status.version}`);
  footer.textContent = facts.join(" · ");
  const offered = status?.welcome?.examples ?? [];
  examples.hidden = !offered.length;
  examples.replaceChildren(h("span", {}, heading), ...offered.map(chip));
}

function chip(example) {
  const mark = example.photo ? icon("photo") : null;
  return h("button", { type: "button", onclick: () => tryExample(example) }, mark, example.label);
}

async function tryExample({ text, photo }) {
  await search.search({ text: text ?? "", photo: photo ? await fetchPhoto(photo) : null });
}

/* Only from this site: a shared address must not make a visitor's browser fetch from somewhere else. */
async function fetchPhoto(address) {
  const url = new URL(address, document.baseURI);
  if (url.origin !== location.origin) return null;
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) return null;
  const blob = await response.blob();
  return new File([blob], url.pathname.split("/").pop() || "photo", { type: blob.type });
}

async function fetchStatus() {
  try {
    const response = await fetch("v1/status", { signal: AbortSignal.timeout(STATUS_PATIENCE_MS) });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // the search itself will say that the service is silent
  }
}

function offerCountries(wanted) {
  const known = status?.welcome?.countries ?? [];
  country.hidden = !known.length;
  countries.replaceChildren(...known.map(({ code, label }) => h("option", { value: code ?? "" }, label)));
  if (!known.length) return;
  if (wanted !== null) countries.value = wanted.toUpperCase();
  if (countries.selectedIndex < 0) countries.selectedIndex = 0;
  search.setAttribute("country", countries.value);
}

function remember(changes) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
}

async function openAddress() {
  const asked = new URLSearchParams(location.search);
  status = await fetchStatus();
  showStatus(document.documentElement.lang);
  offerCountries(asked.get("country"));
  if (MODES.includes(asked.get("mode"))) search.setAttribute("mode", asked.get("mode"));
  const photo = asked.get("photo") ? await fetchPhoto(asked.get("photo")) : null;
  const text = asked.get("q") ?? "";
  if (asked.get("similar")) {
    search.text = text;
    await search.similar(asked.get("similar"));
  } else if (text || photo) await search.search({ text, photo });
}

search.addEventListener("photo-search:ask", () => document.body.classList.add("asked"));

search.addEventListener("photo-search:results", ({ detail }) => {
  remember({ q: detail.text ?? (detail.similar ? search.text : ""), similar: detail.similar, photo: null });
});

search.addEventListener("photo-search:select", (event) => {
  const { hit } = event.detail;
  if (!hit.post.link) search.similar(hit.id, hit.post.captions?.[0]?.text);
});

/* A photo that misses the box must not replace the page, which is what browsers do with dropped files. */
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
}

countries.addEventListener("change", () => {
  search.setAttribute("country", countries.value);
  remember({ country: countries.value });
});

for (const button of languages) {
  button.addEventListener("click", () => {
    speak(button.value);
    remember({ lang: button.value });
  });
}

const wanted = new URLSearchParams(location.search).get("lang");
document.documentElement.removeAttribute("lang"); // or it would hide the browser's own language
speak(wanted in SAYINGS ? wanted : languageOf(document.documentElement));
await openAddress();
