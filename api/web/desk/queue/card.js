/** A post that waits: its photo, what people wrote, why it waits, and what may be decided. */

import { h, webAddress } from "../dom.js";
import { marked } from "./marked.js";
import { Photo } from "./photo.js";

export class Card {
  #words;
  #acts;
  #state = h("p", { class: "state", role: "status" });
  #buttons = h("div", { class: "deciding" });
  #choice;

  /** `waiting` is a post of the queue; `acts` are what the view does when somebody looks, decides, chooses. */
  constructor(waiting, words, acts) {
    this.waiting = waiting;
    this.id = waiting.id;
    this.revision = waiting.revision;
    this.#words = words;
    this.#acts = acts;
    this.wasOnScreen = false;
    this.state = null;
    this.isChosen = false;
    const says = waiting.post.captions[0]?.text ?? waiting.id;
    const called = `${words.photoOf} ${waiting.id}: ${says}`;
    this.photo = new Photo(waiting.post, called, words, () => acts.look(this), waiting.pictured);
    this.element = this.#build();
    this.show(null);
  }

  /** Whether a decision together with others may be made: it was on screen, and its photo was looked at. */
  get mayBeChosen() {
    return this.isOpen && this.wasOnScreen && (!this.photo.hasPhoto || this.photo.isLookedAt);
  }

  get isOpen() {
    return this.state === null || this.state === "failed";
  }

  choose(isChosen) {
    this.isChosen = isChosen && this.mayBeChosen;
    this.#choice.checked = this.isChosen;
    this.element.classList.toggle("chosen", this.isChosen);
    return this.isChosen === isChosen;
  }

  look() {
    this.photo.look();
    for (const original of this.originals) original.look();
  }

  /** Shows what became of it: null waits, else saving, failed, or what the post counts as now. */
  show(state, says = null) {
    const words = this.#words;
    this.state = state;
    this.element.dataset.state = state ?? "waits";
    if (!this.isOpen) this.choose(false);
    this.#choice.disabled = !this.isOpen;
    this.#state.textContent = says ?? (state === "failed" ? words.failed : state ? words.states[state] : "");
    const decided = state && state !== "saving" && state !== "failed";
    this.#buttons.replaceChildren(...(decided ? [this.#undoButton()] : this.#decidingButtons(state === "saving")));
  }

  #build() {
    const { id, post, reasons, originals } = this.waiting;
    const words = this.#words;
    const found = reasons.flatMap((reason) => reason.words);
    this.#choice = h("input", {
      type: "checkbox",
      "aria-label": `${words.select} ${id}`,
      onchange: () => this.#acts.choose(this, this.#choice.checked),
    });
    this.originals = originals.map(
      (original) =>
        new Photo(original.post, `${words.copyOfHeld} ${original.id}`, words, () => this.#acts.look(this)),
    );
    return h(
      "article",
      { class: "card", tabindex: "-1", "aria-label": id },
      h("div", { class: "photos" }, this.photo.element, ...this.originals.map((each, place) => this.#original(each, originals[place]))),
      h(
        "div",
        { class: "about" },
        h("div", { class: "line" }, h("label", { class: "choice" }, this.#choice, h("span", { class: "id" }, id)), this.#facts()),
        h(
          "div",
          { class: "captions" },
          ...post.captions.map((caption) =>
            h(
              "blockquote",
              {},
              ...marked(caption.text, found),
              caption.author ? h("cite", {}, ...marked(caption.author, found)) : null,
            ),
          ),
        ),
        post.tags.length ? h("p", { class: "tags" }, ...post.tags.flatMap((tag) => [h("span", {}, "#", ...marked(tag, found)), " "])) : null,
        this.#reasons(),
        this.#state,
        this.#buttons,
      ),
    );
  }

  #original(photo, original) {
    return h(
      "figure",
      { class: "original" },
      photo.element,
      h("figcaption", {}, `${this.#words.copyOfHeld}: ${original.id}. ${original.post.captions[0]?.text ?? ""}`),
    );
  }

  #facts() {
    const words = this.#words;
    const { facts, faces, added } = this.waiting;
    const told = [];
    if (facts.score !== undefined) told.push(words.score(words.share(facts.score)));
    told.push(words.waitsSince(words.ago(added)));
    if (faces) told.push(faces.faces ? words.count(words.faces, faces.faces) : words.noFaces);
    if (faces?.youngest != null) told.push(words.youngest(Math.round(faces.youngest)));
    return h("span", { class: "muted" }, told.join(" · "));
  }

  #reasons() {
    const words = this.#words;
    const { facts, reasons } = this.waiting;
    const items = reasons.map(({ rule, says, words: found }) =>
      h(
        "li",
        {},
        words.rule(rule, says),
        found.length ? [" ", h("span", { class: "found" }, found.join(", "))] : null,
        h("code", {}, rule.split(":")[0]),
      ),
    );
    if (facts.child === "unseen") items.push(h("li", {}, words.nobodyLooked));
    else if (!items.length) items.push(h("li", {}, words.sources[facts.source]));
    return h("ul", { class: "reasons" }, ...items);
  }

  #decidingButtons(isSaving) {
    const words = this.#words;
    const link = webAddress(this.waiting.post.link);
    const button = (name, says, key, act) =>
      h("button", { type: "button", class: name, disabled: isSaving, onclick: act }, says, h("kbd", { "aria-hidden": "true" }, key));
    return [
      button("clear", words.clear, "1", () => this.#acts.decide(this, "clear")),
      button("hold", words.hold, "2", () => this.#acts.decide(this, "child")),
      button("consent", words.consent, "3", () => this.#acts.consent(this)),
      button("plain", words.life, "L", () => this.#acts.life(this)),
      link ? h("a", { class: "plain", href: link, target: "_blank", rel: "noopener noreferrer" }, words.openThere) : null,
    ].filter(Boolean);
  }

  #undoButton() {
    return h(
      "button",
      { type: "button", class: "plain", onclick: () => this.#acts.undo(this) },
      this.#words.undo,
      h("kbd", { "aria-hidden": "true" }, "Z"),
    );
  }
}
