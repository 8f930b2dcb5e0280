/** What waits for a person: looked at, decided by keys or buttons, one by one or together, and taken back. */

import { Refusal } from "../client.js";
import { announce, h, openDialog } from "../dom.js";
import { deciderName } from "../session.js";
import { Card } from "./card.js";
import { askConsent } from "./consent-form.js";
import { Decisions } from "./decisions.js";
import { Filters } from "./filters.js";
import { listenToKeys } from "./keys.js";
import { openLife } from "./life.js";

const A_PAGE = 24;
const AT_ONCE = "photosense-desk-photos";
const SHARE_ON_SCREEN = 0.6;
const FRESH_MS = 60_000; // addresses of photos are not renewed more often

export class Queue {
  #client;
  #words;
  #cards = new Map();
  #current = null;
  #decisions;
  #filters;
  #list = h("div", { class: "cards" });
  #note = h("div", { class: "note" });
  #more;
  #bulk;
  #photosAtOnce;
  #onScreen;
  #day = { decided: 0, undone: 0 };
  #waiting = 0;
  #loading = null; // the page that is on its way
  #turn = 0; // of the filters: what was asked with others is not shown
  #renewed = 0;
  #stopKeys = null;

  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    this.#decisions = new Decisions(client);
    this.#filters = new Filters(words, () => this.#load());
    this.#more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.#loadMore() }, words.more);
    this.#photosAtOnce = h("input", {
      type: "checkbox",
      checked: localStorage.getItem(AT_ONCE) === "yes",
      onchange: () => this.#switchPhotos(),
    });
    this.#bulk = h("div", { class: "bulk", hidden: true });
    const offset = { threshold: [SHARE_ON_SCREEN] };
    this.#onScreen = new IntersectionObserver((seen) => this.#notice(seen), offset);
    this.element = h(
      "section",
      { class: "queue", "aria-label": words.views.queue },
      this.#filters.element,
      h(
        "div",
        { class: "tools" },
        h("label", {}, this.#photosAtOnce, words.showPhotos),
        h("span", { class: "muted hint" }, words.looksHint),
        h("button", { type: "button", class: "plain", onclick: () => this.#chooseAll() }, words.chooseOnScreen),
        h("button", { type: "button", class: "plain keys", onclick: () => this.#help() }, words.keys, h("kbd", { "aria-hidden": "true" }, "?")),
      ),
      this.#list,
      this.#note,
      this.#more,
      this.#bulk,
    );
    this.element.addEventListener("desk:overdue", () => this.#renewPhotos());
    this.element.addEventListener("focusin", ({ target }) => this.#follow(target.closest(".card")));
  }

  async open() {
    this.#stopKeys = listenToKeys({
      next: () => this.#step(1),
      previous: () => this.#step(-1),
      look: () => this.#current?.look(),
      clear: () => this.#decideChosenOr("clear"),
      hold: () => this.#decideChosenOr("child"),
      consent: () => this.#current && this.#askConsent(this.#current),
      undo: () => this.#undo(),
      choose: () => this.#current && this.#choose(this.#current, !this.#current.isChosen),
      chooseAll: () => this.#chooseAll(),
      life: () => this.#current && this.#openLife(this.#current),
      help: () => this.#help(),
    });
    await this.#load();
  }

  close() {
    this.#stopKeys?.();
    this.#onScreen.disconnect();
  }

  async #load() {
    this.#turn += 1;
    this.#loading = null;
    this.#cards.clear();
    this.#current = null;
    this.#list.replaceChildren();
    this.#note.replaceChildren(h("p", { class: "muted" }, this.#words.loading));
    await this.#fetchPage(0);
    this.#countDay();
  }

  async #loadMore() {
    await this.#fetchPage([...this.#cards.values()].filter((card) => card.isOpen).length);
  }

  /** One page at a time; who asks meanwhile waits for the same one. */
  #fetchPage(offset) {
    if (this.#loading) return this.#loading;
    const loading = this.#addPage(offset).finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  async #addPage(offset) {
    const words = this.#words;
    const turn = this.#turn;
    try {
      const page = await this.#client.get("v1/review", { limit: A_PAGE, offset, ...this.#filters.fields });
      if (turn !== this.#turn) return; // it is of other filters
      this.#filters.offer(page);
      this.#waiting = page.found + page.unseen;
      for (const post of page.posts) if (!this.#cards.has(post.id)) this.#add(post);
      this.#more.hidden = !page.more;
      this.#note.replaceChildren(...(this.#cards.size ? [] : this.#emptiness()));
      this.#showDay();
      if (!this.#current) this.#go([...this.#cards.values()][0], false);
    } catch (refusal) {
      if (turn !== this.#turn) return;
      const again = h("button", { type: "button", class: "main", onclick: () => this.#load() }, words.retry);
      this.#note.replaceChildren(h("p", { class: "fault", role: "alert" }, words.sentence(refusal)), again);
    }
  }

  #emptiness() {
    const words = this.#words;
    if (this.#filters.isNarrow) return [h("p", { class: "empty" }, words.nothingFits)];
    return [h("p", { class: "empty" }, words.nothingWaits), h("p", { class: "muted" }, words.nothingWaitsLead)];
  }

  #add(post) {
    const card = new Card(post, this.#words, {
      look: (each) => this.#look(each),
      decide: (each, child) => this.#decide([each], child),
      consent: (each) => this.#askConsent(each),
      undo: (each) => this.#undoOne(each),
      life: (each) => this.#openLife(each),
      choose: (each, isChosen) => this.#choose(each, isChosen),
    });
    this.#cards.set(card.id, card);
    this.#list.append(card.element);
    card.element.card = card;
    this.#onScreen.observe(card.element);
  }

  #notice(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      target.card.wasOnScreen = true;
      if (this.#photosAtOnce.checked) target.card.look();
    }
  }

  #switchPhotos() {
    const { checked } = this.#photosAtOnce;
    localStorage.setItem(AT_ONCE, checked ? "yes" : "no");
    if (!checked) return;
    this.#onScreen.disconnect(); // or what is on screen already would not be noticed anew
    for (const card of this.#cards.values()) this.#onScreen.observe(card.element);
  }

  #look(card) {
    if (card.photo.isLookedAt) this.#openPhoto(card);
    card.look();
  }

  #openPhoto({ id, waiting, photo }) {
    const large = photo.element.querySelector("img").cloneNode();
    large.alt = large.dataset.says;
    openDialog(id, this.#words.close, h("div", { class: "large" }, large, h("p", {}, waiting.post.captions[0]?.text ?? "")));
  }

  #follow(element) {
    if (element && element.card !== this.#current) this.#mark(element.card);
  }

  #mark(card) {
    this.#current?.element.removeAttribute("aria-current");
    this.#current = card ?? null;
    card?.element.setAttribute("aria-current", "true");
  }

  #go(card, scrolls = true) {
    if (!card) return;
    this.#mark(card);
    card.element.focus({ preventScroll: true });
    if (scrolls) card.element.scrollIntoView({ block: "nearest" });
  }

  #step(by) {
    const cards = [...this.#cards.values()];
    const at = cards.indexOf(this.#current);
    this.#go(cards[Math.min(Math.max(at + by, 0), cards.length - 1)]);
    if (at + by >= cards.length - A_PAGE / 4 && !this.#more.hidden) this.#loadMore();
  }

  #goToNextOpen() {
    const cards = [...this.#cards.values()];
    const at = cards.indexOf(this.#current);
    const next = [...cards.slice(at + 1), ...cards.slice(0, at)].find((card) => card.isOpen);
    if (next) this.#go(next);
    else if (!this.#more.hidden) this.#loadMore().then(() => this.#go([...this.#cards.values()].find((card) => card.isOpen)));
    if (next && cards.indexOf(next) >= cards.length - A_PAGE / 4 && !this.#more.hidden) this.#loadMore();
  }

  get #chosen() {
    return [...this.#cards.values()].filter((card) => card.isChosen);
  }

  #choose(card, isChosen) {
    if (!card.choose(isChosen)) announce(this.#words.notOnScreen);
    this.#showBulk();
  }

  #chooseAll() {
    const may = [...this.#cards.values()].filter((card) => card.mayBeChosen);
    for (const card of may) card.choose(true);
    if (!may.length) announce(this.#words.notOnScreen);
    this.#showBulk();
  }

  #showBulk() {
    const words = this.#words;
    const chosen = this.#chosen;
    const button = (name, says, child) =>
      h("button", { type: "button", class: name, onclick: () => this.#decide(this.#chosen, child) }, says);
    const none = () => {
      for (const card of this.#chosen) card.choose(false);
      this.#showBulk();
    };
    this.#bulk.hidden = !chosen.length;
    this.#bulk.replaceChildren(
      h("strong", {}, words.count(words.chosen, chosen.length)),
      button("clear", words.clear, "clear"),
      button("hold", words.hold, "child"),
      h("button", { type: "button", class: "plain", onclick: none }, words.chooseNone),
    );
  }

  #decideChosenOr(child) {
    const chosen = this.#chosen;
    if (chosen.length) this.#decide(chosen, child);
    else if (this.#current?.isOpen) this.#decide([this.#current], child);
  }

  #decider() {
    const by = deciderName();
    if (!by) {
      announce(this.#words.nameFirst);
      document.querySelector("#decider")?.focus();
    }
    return by;
  }

  async #decide(cards, child, consent = null) {
    const open = cards.filter((card) => card.isOpen);
    const by = open.length ? this.#decider() : "";
    if (!by) return;
    for (const card of open) card.show("saving");
    this.#showBulk();
    if (open.includes(this.#current)) this.#goToNextOpen();
    const results = this.#decisions.decide(
      open.map(({ id, revision }) => ({ id, revision })),
      child,
      by,
      consent,
    );
    await Promise.all(open.map((card, place) => this.#settle(card, results[place])));
  }

  /** Waits for what the service makes of a decision, or of its undoing. */
  async #settle(card, promise, isUndone = false) {
    const words = this.#words;
    try {
      const { status, child, detail } = await promise;
      if (status === "not_found") return card.show("not_found");
      if (status === "changed") throw new Refusal(words.changedSince ?? detail);
      if (status === "nothing_to_undo") throw new Refusal(words.nothingToUndo ?? detail);
      const waits = child === "review" || child === "unseen";
      card.show(isUndone && waits ? null : child);
      this.#count(isUndone ? "undone" : "decided", waits ? 1 : -1, isUndone);
      announce(`${card.id}. ${isUndone && waits ? words.undone : words.states[child]}`);
    } catch (refusal) {
      card.show("failed", `${words.failed}. ${words.sentence(refusal)}`);
      announce(words.sentence(refusal));
    }
    return null;
  }

  #count(what, waiting, isUndone) {
    this.#day[what] += 1;
    if (waiting < 0 && !isUndone) this.#waiting = Math.max(this.#waiting - 1, 0);
    if (isUndone && waiting > 0) this.#waiting += 1;
    this.#showDay();
  }

  async #undo() {
    const by = this.#decider();
    const undone = by ? this.#decisions.undo(by) : [];
    if (by && !undone.length) announce(this.#words.nothingToUndo);
    const cards = undone.map(([id]) => this.#cards.get(id));
    if (cards[0]) this.#go(cards[0]);
    await Promise.all(undone.map(([, promise], place) => cards[place] && this.#takeBack(cards[place], promise)));
  }

  async #undoOne(card) {
    const by = this.#decider();
    if (by) await this.#takeBack(card, this.#decisions.undoOne(card.id, by));
  }

  async #takeBack(card, promise) {
    card.show("saving");
    await this.#settle(card, promise, true);
  }

  #askConsent(card) {
    if (card.isOpen && this.#decider()) askConsent(this.#words, (consent) => this.#decide([card], "consented", consent));
  }

  #openLife(card) {
    openLife(this.#client, this.#words, card.id);
  }

  #help() {
    const rows = this.#words.keyHelp.map(([keys, says]) => [
      h("dt", {}, ...keys.split(" ").flatMap((key) => [h("kbd", {}, key), " "])),
      h("dd", {}, says),
    ]);
    openDialog(this.#words.keys, this.#words.close, h("dl", { class: "key-help" }, ...rows));
  }

  async #countDay() {
    this.#day = await this.#client.get("v1/review/day").catch(() => this.#day);
    this.#showDay();
  }

  #showDay() {
    this.#filters.showDay(this.#day, this.#waiting);
  }

  /** Takes new addresses of all photos, once they are over. */
  async #renewPhotos() {
    if (Date.now() - this.#renewed < FRESH_MS) return;
    this.#renewed = Date.now();
    const fields = { limit: Math.max(this.#cards.size, 1), ...this.#filters.fields };
    const page = await this.#client.get("v1/review", fields).catch(() => ({ posts: [] }));
    for (const { id, post } of page.posts) this.#cards.get(id)?.photo.renew(post.photo);
  }
}
