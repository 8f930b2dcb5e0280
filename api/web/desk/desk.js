/** The desk: who is here, which of its views is open, and in which language. */

import { Client } from "./client.js";
import { h } from "./dom.js";
import { Import } from "./import/import.js";
import { Models } from "./models/models.js";
import { Queue } from "./queue/queue.js";
import { Records } from "./records/records.js";
import { isSignedIn, nameField, openSession, rememberSession, signInForm, signOut } from "./session.js";
import { Status } from "./status/status.js";
import { Takedown } from "./takedown/takedown.js";
import { keepLanguage, languageNow, wordsFor } from "./words/words.js";

const VIEWS = {
  queue: { scope: "review", view: Queue },
  takedown: { scope: "takedown", view: Takedown },
  records: { scope: "review", view: Records },
  import: { scope: "ingest", view: Import },
  models: { scope: "admin", view: Models },
  status: { scope: "admin", view: Status },
};

const client = new Client();
const top = document.querySelector("#top");
const main = document.querySelector("#main");

let words = wordsFor(languageNow());
let scopes = null;
let open = null;

function speak(lang) {
  keepLanguage(lang);
  words = wordsFor(lang);
  show();
}

function offered() {
  return Object.keys(VIEWS).filter((name) => scopes.includes(VIEWS[name].scope) || scopes.includes("admin"));
}

function wanted() {
  const name = location.hash.slice(1);
  return offered().includes(name) ? name : offered()[0];
}

function show() {
  document.documentElement.lang = words.lang;
  open?.close();
  open = null;
  const name = scopes && wanted();
  document.title = name ? `${words.views[name]} · ${words.title}` : words.title;
  top.replaceChildren(...header(name));
  top.querySelector("nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  if (!scopes) return main.replaceChildren(signInForm(client, words, signIn));
  open = new VIEWS[name].view(client, words);
  main.replaceChildren(h("h1", { class: "hidden" }, words.views[name]), open.element);
  return open.open();
}

function header(name) {
  const language = (lang, says, title) =>
    h("button", { type: "button", lang, title, "aria-pressed": String(lang === words.lang), onclick: () => speak(lang) }, says);
  const tab = (each) => h("a", { href: `#${each}`, "aria-current": each === name ? "page" : null }, words.views[each]);
  return [
    h("a", { class: "brand", href: "./", title: words.toSearch }, h("img", { src: "icon.svg", alt: "", width: "26", height: "26" }), h("span", {}, words.title)),
    scopes ? h("nav", { "aria-label": words.title }, ...offered().map(tab)) : null,
    scopes ? nameField(words) : null,
    h("div", { class: "languages", role: "group", "aria-label": words.language }, language("en", "EN", "English"), language("ru", "RU", "Русский")),
    isSignedIn() ? h("button", { type: "button", class: "plain", onclick: leave }, words.signOut) : null,
  ].filter(Boolean);
}

function enter(granted) {
  scopes = granted;
  show();
}

function signIn(granted) {
  rememberSession(true);
  enter(granted);
}

async function leave() {
  await signOut(client);
  rememberSession(false);
  enter(null);
}

async function begin() {
  try {
    enter(await openSession(client));
  } catch (refusal) {
    document.documentElement.lang = words.lang;
    main.replaceChildren(
      h("p", { class: "fault", role: "alert" }, words.sentence(refusal)),
      h("button", { type: "button", class: "main", onclick: begin }, words.retry),
    );
  }
}

addEventListener("desk:locked", () => scopes && enter(null));
addEventListener("hashchange", () => scopes && show());
await begin();
