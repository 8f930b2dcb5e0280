/** <photo-search>: search by words and photos, to be dropped into any page; README.md is its contract. */

import { createBox } from "./photo-search/box/box.js";
import { isPicture, takePhoto } from "./photo-search/box/photo.js";
import { forgetTexts, recentTexts, rememberText } from "./photo-search/box/recent.js";
import { h, langOf, webAddress } from "./photo-search/dom.js";
import { createFilters } from "./photo-search/filters/filters.js";
import { createGallery } from "./photo-search/gallery/gallery.js";
import { createLightbox } from "./photo-search/lightbox/lightbox.js";
import { nameOf } from "./photo-search/post.js";
import { EMPTY, asksNothing, bodyOf, isNarrowed, sameQuestion, steering } from "./photo-search/question.js";
import { languageOf, wordsFor } from "./photo-search/words/words.js";
import { Photosense, PhotosenseError, tokensFrom } from "./photosense.js";

const HERE = new URL(".", import.meta.url).href;
const STYLES = ["photo-search.css", "photo-search/box/box.css", "photo-search/filters/filters.css", "photo-search/gallery/gallery.css",
  "photo-search/gallery/tile.css", "photo-search/lightbox/lightbox.css"];
const TYPING_PAUSE_MS = 350;
const LEANING_PAUSE_MS = 200;
const LONELY_LETTER = 1; // says too little while one is still typing; Enter searches it all the same
const PAGE = 40;
const FACETS = "attrs.place attrs.taken:year attrs.camera authors tags";
const VALUES_SHOWN = 12;
const IN_THE_STRIP = 16;
const WITHHELD = 451;
const OF_THE_SERVICE = ["endpoint", "country", "lang", "token", "token-address"];

export class PhotoSearch extends HTMLElement {
  static observedAttributes = [
    "endpoint", "country", "limit", "lang", "mode", "photo-base", "explain", "facets", "token", "token-address",
  ];

  #shell = h("div", { class: "shell", hidden: true });
  #words = null;
  #service = null;
  #fetchToken = null;
  #box = null;
  #filters = null;
  #gallery = null;
  #lightbox = null;
  #photo = null;
  #question = null;
  #hits = [];
  #cursor = null;
  #request = null;
  #beside = new Map();
  #timer = 0;
  #taking = 0;

  constructor() {
    super();
    this.#takeEarly("fetchToken");
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
    else if (this.hasAttribute("browse")) this.#ask(EMPTY);
  }

  disconnectedCallback() {
    this.#taking++;
    this.#stop();
    for (const request of this.#beside.values()) request.abort();
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (OF_THE_SERVICE.includes(name)) this.#service = null;
    if (!this.#box || !this.isConnected) return;
    if (name === "lang" || name === "explain" || name === "facets") this.#build();
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

  /** A function that fetches a visitor's token: before the first question, and whenever the one before is over. */
  get fetchToken() {
    return this.#fetchToken;
  }

  set fetchToken(fetchToken) {
    this.#fetchToken = fetchToken;
    this.#service = null;
  }

  /** The photo in the box as a Blob, or null. */
  get photo() {
    return this.#photo?.blob ?? null;
  }

  /** What is asked at the moment, as plain values without the photo, or null. */
  get question() {
    return this.#question;
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

  /** Asks a question as `question` gave it, with a photo (a Blob) where it had one. */
  async ask(question, photo = null) {
    if (!this.#box) return;
    const whole = { ...EMPTY, ...question };
    this.#box.text = whole.text;
    this.#dropPhoto();
    if (photo && !(await this.#take(photo))) return;
    this.#box.show(this.#photo);
    await this.#ask({ ...whole, photo: Boolean(this.#photo) });
  }

  /** Shows the posts similar to the post with this id; `label` says to people what they are similar to. */
  async similar(id, label = "") {
    if (this.#box) await this.#ask({ ...EMPTY, text: this.text, similar: { id, label } });
  }

  /** Opens a post in the lightbox, by its id. */
  async open(id) {
    if (!this.#lightbox || this.#lightbox.hit?.id === id) return;
    const number = this.#posts.findIndex((hit) => hit.id === id);
    if (number >= 0) return this.#show(this.#posts, number);
    const hit = await this.#read(id);
    if (hit) this.#show([hit], 0);
  }

  /** Closes the lightbox. */
  close() {
    this.#beside.get("post")?.abort();
    this.#lightbox?.close();
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

  /* A property that the page set before the element was defined would hide the element's own. */
  #takeEarly(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }

  #build() {
    const text = this.text;
    const leaning = this.#box?.leaning;
    this.#lightbox?.close();
    this.#words = wordsFor(languageOf(this));
    this.#box = createBox(this.#words, {
      typed: () => {
        this.#box.show(this.#photo);
        this.#later(TYPING_PAUSE_MS, () => this.text.length !== LONELY_LETTER && this.#askBox({ typed: true }));
      },
      asked: () => this.#askBox(),
      gave: (photo) => this.search({ photo }),
      refused: () => this.#refusePhoto(),
      removed: () => this.search({ photo: null }),
      suggest: (text) => this.#suggest(text),
      recent: recentTexts,
      forget: forgetTexts,
      leaned: () => this.#later(LEANING_PAUSE_MS, () => this.#askBox()),
    });
    const facets = (this.getAttribute("facets") ?? FACETS).split(/\s+/).filter(Boolean);
    this.#filters = createFilters(this.#words, facets, {
      ask: (question) => this.#ask(question),
      count: (question, facet, part) => this.#count(question, facet, part),
    });
    this.#gallery = createGallery(this.#words, {
      select: (hit) => this.#select(hit),
      similar: (hit) => this.#restart(() => this.similar(hit.id, nameOf(hit.post))),
      more: ({ byHand }) => this.#more(byHand),
      retry: () => this.#again(),
      back: () => this.#askBox(),
      another: () => {
        this.clear();
        this.focus();
      },
      newest: () => this.ask(EMPTY),
      steer: (topic, less) => this.#ask(steering(this.#question, topic, less)),
    }, this.#filters.element, { explain: this.hasAttribute("explain"), linked: this.hasAttribute("post-address") });
    this.#lightbox = createLightbox(this.#words, {
      turned: (hit) => this.#tell("post", { id: hit.id }),
      closed: (hit) => {
        if (hit) this.#gallery.focusOn(hit.id);
        this.#tell("post", { id: null });
      },
      similar: (hit) => this.#restart(() => this.similar(hit.id, nameOf(hit.post))),
      tag: (tag) => this.#restart(() => this.search({ text: tag, photo: null })),
      steer: (topic, less) => this.#restart(() => this.#ask(steering(this.#question ?? EMPTY, topic, less))),
      steered: () => this.#question?.steer ?? [],
      addressOf: (hit) => this.#addressOf(hit),
      renewed: (id) => this.#read(id),
      neighbours: (id) => this.#neighbours(id),
      wanting: () => this.#cursor !== null && this.#more(false),
    });
    this.#box.text = text;
    if (leaning !== undefined) this.#box.leaning = leaning;
    this.#box.show(this.#photo);
    this.#shell.lang = this.#words.lang;
    this.#shell.replaceChildren(this.#box.element, h("slot", { name: "hints" }), this.#gallery.element,
      this.#lightbox.element);
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
    this.#fail(new PhotosenseError(this.#words.notPhoto, { code: "not-a-photo" }), { retry: false });
  }

  /* Other words are asked among what is chosen; from similar posts they lead back to all. */
  #askBox({ typed = false } = {}) {
    const { only, when, sort } = this.#question?.similar ? EMPTY : this.#question ?? EMPTY;
    const question = { ...EMPTY, only, when, sort, text: this.#box.text, photo: Boolean(this.#photo) };
    if (asksNothing(question) && !isNarrowed(question) && !this.hasAttribute("browse")) return this.#rest();
    return this.#ask(question, { typed });
  }

  #again() {
    return this.#ask(this.#question);
  }

  async #ask(question, { typed = false } = {}) {
    const again = this.#question && sameQuestion(this.#question, question);
    this.#question = question;
    this.#hits = [];
    this.#cursor = null;
    this.#filters.show(question);
    this.#gallery.searching();
    this.#tell("ask", { ...this.#asked(question), question, typed, again });
    const answer = await this.#answer(question, null);
    if (!answer) return;
    this.#keep(answer);
    if (question.text && !typed && answer.hits.length) rememberText(question.text);
    const similarTo = question.similar ? question.similar.label : null;
    const steer = await this.#named(question.steer);
    await this.#gallery.show(answer, { photoBase: this.#photoBase, similarTo, steer });
    this.#tell("results", { ...this.#asked(question), answer });
  }

  async #more(byHand) {
    const question = this.#question;
    if (this.#cursor === null) return;
    const cursor = this.#cursor;
    this.#cursor = null;
    this.#gallery.waitForMore();
    const answer = await this.#answer(question, cursor, () => {
      this.#cursor = cursor;
      this.#gallery.failMore();
    });
    if (!answer) return;
    this.#keep(answer);
    this.#lightbox.extend(this.#posts);
    await this.#gallery.append(answer, { photoBase: this.#photoBase, byHand });
    this.#tell("results", { ...this.#asked(question), answer });
  }

  #keep(answer) {
    this.#hits.push(...answer.hits);
    this.#filters.learn(this.#posts.map(({ post }) => post));
    const behind = isPlainlySimilar(this.#question) ? this.#posts.length : answer.cursor ?? null;
    this.#cursor = answer.more ? behind : null;
  }

  /* Null when the answer came too late to matter, or when there was none and the visitor has been told. */
  async #answer(question, cursor, failed) {
    this.#stop();
    const request = (this.#request = new AbortController());
    const client = this.#client;
    const limit = this.#limit;
    try {
      const answer = isPlainlySimilar(question)
        ? await client.similar(question.similar.id, { limit, offset: cursor, signal: request.signal })
        : await client.search({
          ...bodyOf(question), limit, cursor: cursor ?? undefined, highlight: true,
          weights: this.#box.weights, mode: this.getAttribute("mode") || undefined,
          photo: question.photo ? this.#photo.blob : undefined,
        }, request);
      return request.signal.aborted ? null : answer;
    } catch (error) {
      if (request.signal.aborted) return null;
      if (!(error instanceof PhotosenseError)) throw error;
      if (failed) failed();
      else this.#fail(error);
      return null;
    }
  }

  #fail(error, { retry = true } = {}) {
    const sentence = this.#sentence(error);
    if (error.status === WITHHELD) this.#gallery.withhold(sentence);
    else this.#gallery.fail(sentence, { retry });
    this.#tell("error", { message: sentence, status: error.status, code: error.code });
  }

  #sentence(error) {
    const own = error.code === "silent" ? this.#words.silent : this.#words.strange;
    return this.#words.sentence(error.code, error.message) || own;
  }

  /* The clicked photo is about to vanish: hand the focus to the line that says what came instead. */
  async #restart(begin) {
    this.#gallery.focus();
    await begin();
    this.#box.element.scrollIntoView({ block: "nearest" });
  }

  #select(hit) {
    if (!this.#tell("select", { hit })) return;
    const posts = this.#posts;
    this.#show(posts, posts.findIndex((one) => one.id === hit.id));
  }

  #show(posts, number) {
    const total = posts === this.#posts || posts.length > 1 ? this.#gallery.total : 1;
    this.#lightbox.open(posts, number, { base: this.#photoBase, total });
    this.#tell("post", { id: posts[number].id });
  }

  /* An address names topics by their numbers; what they stand for is asked once. */
  async #named(steer) {
    if (steer.every(({ words }) => words.length)) return steer;
    const topics = await this.#client.topics().catch(() => []);
    const words = new Map(topics.map(({ topic, words: telling }) => [topic, telling]));
    return steer.map((one) => ({ ...one, words: words.get(one.topic) ?? [`#${one.topic}`] }));
  }

  /* Null where there is no count: it is not worth an error in place of the photos. */
  async #count(question, facet, part) {
    const request = this.#begin("count");
    const photo = question.photo ? this.#photo.blob : undefined;
    const counted = { facets: [facet], facet_limit: VALUES_SHOWN, facet_query: part ? { [facet]: part } : undefined };
    try {
      const body = { ...bodyOf(question), ...counted, limit: 1, fields: [], photo };
      return (await this.#client.search(body, request)).facets?.[0] ?? null;
    } catch (error) {
      if (!request.signal.aborted && !(error instanceof PhotosenseError)) throw error;
      return null;
    }
  }

  async #suggest(text) {
    const request = this.#begin("suggest");
    try {
      return await this.#client.suggest(text, request);
    } catch (error) {
      if (!request.signal.aborted && !(error instanceof PhotosenseError)) throw error;
      return [];
    }
  }

  /* The post by its id; null where it came too late, or where the lightbox says why it cannot be shown. */
  async #read(id) {
    const request = this.#begin("post");
    try {
      const post = await this.#client.post(id, request);
      return request.signal.aborted ? null : { match: null, why: [], words: [], highlights: [], ...post };
    } catch (error) {
      if (request.signal.aborted) return null;
      if (!(error instanceof PhotosenseError)) throw error;
      const sentence = this.#sentence(error);
      this.#lightbox.say(sentence, langOf(sentence));
      return null;
    }
  }

  async #neighbours(id) {
    const request = this.#begin("neighbours");
    try {
      const answer = await this.#client.similar(id, { limit: IN_THE_STRIP, signal: request.signal });
      return answer.hits;
    } catch (error) {
      if (!request.signal.aborted && !(error instanceof PhotosenseError)) throw error;
      return null; // a strip that does not come is no loss that a visitor should hear of
    }
  }

  /* A further question of a kind ends the one before, and no other. */
  #begin(kind) {
    this.#beside.get(kind)?.abort();
    const request = new AbortController();
    this.#beside.set(kind, request);
    return request;
  }

  /* Where a post stands on this page, else on the host's; null where it has no address. */
  #addressOf({ id, post }) {
    const own = this.getAttribute("post-address")?.replace("{id}", encodeURIComponent(id));
    return webAddress(own ?? post.link, document.baseURI);
  }

  #asked({ text, photo, similar }) {
    return { text: similar ? null : text || null, photo, similar: similar?.id ?? null };
  }

  #tell(name, detail) {
    const cancelable = name === "select";
    const event = new CustomEvent(`photo-search:${name}`, { detail, cancelable, bubbles: true, composed: true });
    return this.dispatchEvent(event);
  }

  #rest() {
    this.#stop();
    this.#question = null;
    this.#hits = [];
    this.#gallery?.clear();
  }

  #later(pause, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, pause);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  /* The hits that are posts, and no sentence in place of one. */
  get #posts() {
    return this.#hits.filter((hit) => hit.post);
  }

  get #client() {
    const token = this.#fetchToken ?? this.#tokenOfPage;
    const lang = this.#words.lang;
    return (this.#service ??= new Photosense(this.#endpoint, { token, country: this.getAttribute("country"), lang }));
  }

  /* A token that stands in the page is for the first questions where there is an address for further ones. */
  get #tokenOfPage() {
    let first = this.getAttribute("token");
    const address = this.getAttribute("token-address");
    if (address === null) return first;
    const further = tokensFrom(new URL(address, document.baseURI));
    return () => {
      const token = first ?? further();
      first = null;
      return token;
    };
  }

  get #endpoint() {
    const address = new URL(this.getAttribute("endpoint") || HERE, document.baseURI).href;
    return address.endsWith("/") ? address : `${address}/`;
  }

  get #photoBase() {
    return new URL(this.getAttribute("photo-base") || this.#endpoint, document.baseURI).href;
  }

  get #limit() {
    const limit = Number.parseInt(this.getAttribute("limit") ?? "", 10);
    return limit >= 1 && limit <= 100 ? limit : PAGE;
  }
}

/* Similar to one post and nothing else; with filters, an order or topics to steer by it is a search. */
function isPlainlySimilar(question) {
  return Boolean(question.similar) && !question.steer.length && !question.sort && !isNarrowed(question);
}

customElements.define("photo-search", PhotoSearch);
