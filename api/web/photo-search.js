/** <photo-search>: search by words and photos, to be dropped into any page; README.md is its contract. */

import { createBox } from "./photo-search-box.js";
import { ServiceError, askSearch, askSimilar } from "./photo-search-client.js";
import { h } from "./photo-search-dom.js";
import { isPicture, takePhoto } from "./photo-search-photo.js";
import { createResults } from "./photo-search-results.js";
import { languageOf, wordsFor } from "./photo-search-words.js";

const HERE = new URL(".", import.meta.url).href;
const STYLES = ["photo-search.css", "photo-search-results.css", "photo-search-cards.css"];
const TYPING_PAUSE_MS = 350;
const LEANING_PAUSE_MS = 200;
const LONELY_LETTER = 1; // says too little while one is still typing; Enter searches it all the same
const PAGE = 20;
const WITHHELD = 451;

export class PhotoSearch extends HTMLElement {
  static observedAttributes = ["endpoint", "country", "limit", "lang", "mode", "photo-base", "explain"];

  #shell = h("div", { class: "shell", hidden: true });
  #words = null;
  #box = null;
  #results = null;
  #photo = null;
  #question = null;
  #shown = 0;
  #request = null;
  #timer = 0;
  #taking = 0;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    const loaded = STYLES.map((file) => new Promise((settled) => {
      const href = new URL(file, HERE).href;
      shadow.append(h("link", { rel: "stylesheet", href, onload: settled, onerror: settled }));
    }));
    shadow.append(this.#shell);
    Promise.all(loaded).then(() => (this.#shell.hidden = false)); // unstyled pieces would flash otherwise
  }

  connectedCallback() {
    this.#build();
    if (this.#question) this.#again();
  }

  disconnectedCallback() {
    this.#taking++;
    this.#stop();
  }

  attributeChangedCallback(name, before, now) {
    if (!this.#box || !this.isConnected || before === now) return;
    if (name === "lang" || name === "explain") this.#build();
    if (this.#question) this.#later(0, () => this.#again());
  }

  /** The words in the box; setting them does not search yet. */
  get text() {
    return this.#box?.text ?? "";
  }

  set text(text) {
    if (this.#box) this.#box.text = text;
    this.#box?.show(this.#photo);
  }

  /** The photo in the box as a Blob, or null. */
  get photo() {
    return this.#photo?.blob ?? null;
  }

  /** Puts words and a photo (a Blob) into the box and searches; what is not named stays as it is. */
  async search({ text, photo } = {}) {
    if (!this.#box) return;
    if (text !== undefined) this.#box.text = text;
    if (photo === null) this.#dropPhoto();
    if (photo && !(await this.#take(photo))) return;
    this.#box.show(this.#photo);
    await this.#askBox();
  }

  /** Shows the posts similar to the post with this id; `label` says to people what they are similar to. */
  async similar(id, label = "") {
    if (this.#box) await this.#ask({ id, label });
  }

  /** Puts the cursor into the box. */
  focus(options) {
    this.#box?.focus(options);
  }

  /** Empties the box and the results. */
  clear() {
    this.#dropPhoto();
    if (this.#box) this.#box.text = "";
    this.#box?.show(null);
    this.#rest();
  }

  #build() {
    const text = this.text;
    const leaning = this.#box?.leaning;
    this.#words = wordsFor(languageOf(this));
    this.#box = createBox(this.#words, {
      typed: () => {
        this.#box.show(this.#photo);
        this.#later(TYPING_PAUSE_MS, () => this.text.length !== LONELY_LETTER && this.#askBox());
      },
      asked: () => this.#askBox(),
      gave: (photo) => this.search({ photo }),
      refused: () => this.#refusePhoto(),
      removed: () => this.search({ photo: null }),
      leaned: () => this.#later(LEANING_PAUSE_MS, () => this.#askBox()),
    });
    this.#results = createResults(this.#words, {
      select: (hit, event) => this.#select(hit, event),
      tag: (tag) => this.#restart(() => this.search({ text: tag, photo: null })),
      similar: (hit) => this.#restart(() => this.similar(hit.id, hit.post.captions?.[0]?.text)),
      more: () => this.#more(),
      retry: () => this.#again(),
      back: () => this.#askBox(),
    }, { explain: this.hasAttribute("explain") });
    this.#box.text = text;
    if (leaning !== undefined) this.#box.leaning = leaning;
    this.#box.show(this.#photo);
    this.#shell.lang = this.#words.lang;
    this.#shell.replaceChildren(this.#box.element, h("slot", { name: "hints" }), this.#results.element);
  }

  async #take(file) {
    if (!isPicture(file)) {
      this.#refusePhoto();
      return false;
    }
    const turn = ++this.#taking;
    const photo = await takePhoto(file);
    if (turn !== this.#taking) return false; // a later photo was dropped while this one was being decoded
    this.#photo = photo;
    return true;
  }

  #dropPhoto() {
    this.#taking++; // one that is still being decoded is not wanted any more
    this.#photo = null;
  }

  #refusePhoto() {
    this.#stop();
    this.#fail(new ServiceError(this.#words.notPhoto, { code: "not-a-photo" }), { retry: false });
  }

  #askBox() {
    const { text, weights } = this.#box;
    if (!text && !this.#photo) return this.#rest();
    return this.#ask({ text: text || undefined, photo: this.#photo ?? undefined, weights });
  }

  #again() {
    return this.#question.id === undefined ? this.#askBox() : this.#ask(this.#question);
  }

  async #ask(question) {
    this.#question = question;
    this.#shown = 0;
    this.#results.searching();
    this.#tell("ask", this.#asked(question));
    const answer = await this.#answer(question);
    if (!answer) return;
    this.#shown = answer.hits.length;
    const similarTo = question.id === undefined ? null : question.label;
    this.#results.show(answer, { photoBase: this.#photoBase, similarTo });
    this.#tell("results", { ...this.#asked(question), answer });
  }

  async #more() {
    const question = this.#question;
    this.#results.waitForMore();
    const answer = await this.#answer(question, this.#shown);
    if (!answer) return;
    this.#shown += answer.hits.length;
    this.#results.append(answer, { photoBase: this.#photoBase });
    this.#tell("results", { ...this.#asked(question), answer });
  }

  /* Null when the answer came too late to matter, or when there was none and the visitor has been told. */
  async #answer({ id, label, ...query }, offset = 0) {
    this.#stop();
    const request = (this.#request = new AbortController());
    const country = this.getAttribute("country") || undefined;
    const fields = { ...query, country, limit: this.#limit, offset: offset || undefined };
    try {
      const answer =
        id === undefined
          ? await askSearch(this.#endpoint, { ...fields, mode: this.getAttribute("mode") || undefined }, request.signal)
          : await askSimilar(this.#endpoint, id, fields, request.signal);
      return request.signal.aborted ? null : answer;
    } catch (error) {
      if (request.signal.aborted) return null;
      if (!(error instanceof ServiceError)) throw error;
      this.#fail(error);
      return null;
    }
  }

  #fail(error, { retry = true } = {}) {
    const sentence = error.message || (error.code === "silent" ? this.#words.silent : this.#words.strange);
    if (error.status === WITHHELD) this.#results.withhold(sentence);
    else this.#results.fail(sentence, { retry });
    this.#tell("error", { message: sentence, status: error.status, code: error.code });
  }

  /* The clicked card is about to vanish: hand the focus to the line that says what came instead. */
  async #restart(begin) {
    this.#results.focus();
    await begin();
    this.#box.element.scrollIntoView({ block: "nearest" });
  }

  #select(hit, event) {
    if (!this.#tell("select", { hit })) event.preventDefault();
  }

  #asked({ id, text, photo }) {
    return { text: text ?? null, photo: Boolean(photo), similar: id ?? null };
  }

  #tell(name, detail) {
    const cancelable = name === "select";
    const event = new CustomEvent(`photo-search:${name}`, { detail, cancelable, bubbles: true, composed: true });
    return this.dispatchEvent(event);
  }

  #rest() {
    this.#stop();
    this.#question = null;
    this.#results?.clear();
  }

  #later(pause, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, pause);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  get #endpoint() {
    const said = new URL(this.getAttribute("endpoint") || HERE, document.baseURI).href;
    return said.endsWith("/") ? said : `${said}/`;
  }

  get #photoBase() {
    return new URL(this.getAttribute("photo-base") || this.#endpoint, document.baseURI).href;
  }

  get #limit() {
    const said = Number.parseInt(this.getAttribute("limit") ?? "", 10);
    return said >= 1 && said <= 100 ? said : PAGE;
  }
}

customElements.define("photo-search", PhotoSearch);
