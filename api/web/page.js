/** The page around <photo-search>: language, countries and examples that the service offers, what its address asks. */

import { tieHistory } from "./page/history.js";
import { TEXTS } from "./page/texts.js";
import { h, icon } from "./photo-search/dom.js";
import { asksNothing } from "./photo-search/question.js";
import { languageOf } from "./photo-search/words/words.js";
import { Photosense } from "./photosense.js";
import "./photo-search.js";

const STATUS_PATIENCE_MS = 4000;
const MODES = ["hybrid", "topics", "words"];

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
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = TEXTS[lang][place.dataset.say];
  for (const button of languages) button.setAttribute("aria-pressed", String(button.value === lang));
  showStatus(lang);
  linkTopics();
}

/* The topics are shown in the same language, and under the same law. */
function linkTopics() {
  const shown = { lang: document.documentElement.lang, ...(!country.hidden && { country: countries.value }) };
  document.querySelector("#topics").href = `topics?${new URLSearchParams(shown)}`;
}

function showStatus(lang) {
  const { posts, topics } = TEXTS[lang];
  const number = new Intl.NumberFormat(lang);
  const facts = [];
  if (status) facts.push(posts(number.format(status.posts)));
  if (status?.model) facts.push(topics(number.format(status.model.topics)));
  if (status?.version) facts.push(`photosense ${status.version}`);
  footer.textContent = facts.join(" · ");
  const offered = status?.welcome?.examples ?? [];
  examples.hidden = !offered.length;
  examples.querySelector("p").replaceChildren(...offered.map(chip));
  const known = status?.welcome?.countries ?? [];
  [...countries.options].forEach((option, number) => (option.textContent = inOwnLanguage(known[number])));
}

function chip(example) {
  const mark = example.photo ? icon("photo") : null;
  return h("button", { type: "button", onclick: () => tryExample(example) }, mark, inOwnLanguage(example));
}

function inOwnLanguage({ label, labels }) {
  return labels?.[document.documentElement.lang] ?? label;
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
    return await new Photosense(".").status({ signal: AbortSignal.timeout(STATUS_PATIENCE_MS) });
  } catch {
    return null; // the search itself will say that the service is silent
  }
}

function offerCountries(wanted) {
  const known = status?.welcome?.countries ?? [];
  country.hidden = !known.length;
  countries.replaceChildren(...known.map((one) => h("option", { value: one.code ?? "" }, inOwnLanguage(one))));
  if (!known.length) return;
  if (wanted !== null) countries.value = wanted.toUpperCase();
  if (countries.selectedIndex < 0) countries.selectedIndex = 0;
  search.setAttribute("country", countries.value);
  linkTopics();
}

function remember(name, value) {
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  history.replaceState(history.state, "", address);
}

/* The examples are for the first question; behind it they fold, and stand in nobody's way. */
search.addEventListener("photo-search:ask", ({ detail }) => {
  const asked = !asksNothing(detail.question);
  if (document.body.classList.toggle("asked", asked) === !examples.open) return;
  examples.open = !asked;
});

/* A photo that misses the box must not replace the page, which is what browsers do with dropped files. */
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
}

countries.addEventListener("change", () => {
  search.setAttribute("country", countries.value);
  remember("country", countries.value);
  linkTopics();
});

for (const button of languages) {
  button.addEventListener("click", () => {
    speak(button.value);
    remember("lang", button.value);
  });
}

const wanted = new URLSearchParams(location.search);
document.documentElement.removeAttribute("lang"); // or it would hide the browser's own language
speak(wanted.get("lang") in TEXTS ? wanted.get("lang") : languageOf(document.documentElement));
status = await fetchStatus();
showStatus(document.documentElement.lang);
offerCountries(wanted.get("country"));
if (MODES.includes(wanted.get("mode"))) search.setAttribute("mode", wanted.get("mode"));
search.setAttribute("browse", ""); // from here on: before, nobody knew what the address asks
await tieHistory(search, fetchPhoto)();
