/** What of the queue is wanted, and how the day goes. */

import { h } from "../dom.js";

export class Filters {
  #words;
  #changed;
  #rules;
  #authors;
  #kinds = new Map();
  #progress = h("progress", { max: "1", value: "0", "aria-hidden": "true" });
  #day = h("span", { class: "day" });

  constructor(words, changed) {
    this.#words = words;
    this.#changed = changed;
    this.unseen = null;
    this.#rules = this.#select(words.ruleLabel);
    this.#authors = this.#select(words.author);
    this.order = this.#select(words.order, [
      ["score", words.byScore],
      ["age", words.byAge],
    ]);
    const kind = (value, says) => {
      const button = h("button", { type: "button", "aria-pressed": String(value === null), onclick: () => this.#pick(value) }, says);
      this.#kinds.set(value, button);
      return button;
    };
    this.element = h(
      "div",
      { class: "filters" },
      h("div", { class: "kinds", role: "group" }, kind(null, words.all), kind(false, words.foundIn), kind(true, words.unseen)),
      this.#unfold(),
      h("div", { class: "picks" }, this.#rules.parentElement, this.#authors.parentElement, this.order.parentElement),
      h("div", { class: "progress" }, this.#progress, this.#day),
    );
  }

  /** The parameters of the queue's address. */
  get fields() {
    return { unseen: this.unseen, rule: this.#rules.value, author: this.#authors.value, sort: this.order.value };
  }

  get isNarrow() {
    return this.unseen !== null || Boolean(this.#rules.value || this.#authors.value);
  }

  /** Offers what all that waits may be chosen by. */
  offer({ found, unseen, rules, authors }) {
    const words = this.#words;
    const counted = (says, n) => [says, h("span", { class: "count" }, words.number(n))];
    this.#kinds.get(null).replaceChildren(...counted(words.all, found + unseen));
    this.#kinds.get(false).replaceChildren(...counted(words.foundIn, found));
    this.#kinds.get(true).replaceChildren(...counted(words.unseen, unseen));
    const named = rules.map(({ rule, says, posts }) => [rule, posts, `${words.rule(rule, says)} ${rule}`.trim()]);
    fill(this.#rules, words.anyRule, named);
    fill(this.#authors, words.anyAuthor, Object.entries(authors).map(([author, posts]) => [author, posts, author]));
  }

  /** Shows how much of the day's work is done. */
  showDay({ decided, undone }, waiting) {
    const words = this.#words;
    const told = [words.count(words.today, decided), words.count(words.waiting, waiting)];
    if (undone) told.splice(1, 0, words.count(words.takenBack, undone));
    this.#day.textContent = told.join(" · ");
    const done = Math.max(decided - undone, 0);
    this.#progress.max = Math.max(done + waiting, 1);
    this.#progress.value = done;
  }

  #pick(value) {
    this.unseen = value;
    for (const [each, button] of this.#kinds) button.setAttribute("aria-pressed", String(each === value));
    this.#changed();
  }

  /** On a phone the choices stand behind a button. */
  #unfold() {
    const button = h("button", { type: "button", class: "unfold", "aria-expanded": "false" }, this.#words.filters);
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(this.element.classList.toggle("unfolded")));
    });
    return button;
  }

  #select(says, options = []) {
    const select = h("select", { onchange: () => this.#changed() }, ...options.map(([value, name]) => h("option", { value }, name)));
    h("label", { class: "pick" }, h("span", { class: "hidden" }, says), select);
    return select;
  }
}

function fill(select, any, entries) {
  const { value } = select;
  const options = entries.map(([each, count, says]) => h("option", { value: each }, `${says} (${count})`));
  select.replaceChildren(h("option", { value: "" }, any), ...options);
  if (value && !entries.some(([each]) => each === value)) select.append(h("option", { value }, value));
  select.value = value;
}
