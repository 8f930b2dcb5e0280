/** Takes posts down, once it was shown what would go; below, the proof of what went before. */

import { announce, h } from "../dom.js";
import { deciderName } from "../session.js";
import { Target } from "./target.js";
import { smallPost } from "./small-post.js";

export class Takedown {
  #client;
  #words;
  #target;
  #turn = 0; // of what is meant: what was asked of something else is not shown
  #shown = h("div", { class: "reach", "aria-live": "polite" });
  #proofs = h("div", { class: "scrolls" });

  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    this.#target = new Target(words, () => this.#preview(), () => this.#forget());
    this.element = h(
      "section",
      { class: "sheet" },
      h("h2", {}, words.takedownTitle),
      h("p", { class: "muted" }, words.takedownLead),
      this.#target.element,
      this.#shown,
      h("h2", {}, words.proofs),
      this.#proofs,
    );
  }

  open() {
    return this.#listProofs();
  }

  close() {
    this.#target.close();
  }

  #forget() {
    this.#turn += 1;
    this.#shown.replaceChildren();
  }

  async #preview() {
    const words = this.#words;
    const turn = ++this.#turn;
    const target = this.#target.value;
    this.#shown.replaceChildren(h("p", { class: "muted" }, words.loading));
    let shown = [];
    try {
      shown = this.#reach(await this.#send("v1/takedowns:preview", target), target);
    } catch (refusal) {
      shown = [h("p", { class: "fault", role: "alert" }, words.sentence(refusal))];
    }
    if (turn === this.#turn) this.#shown.replaceChildren(...shown);
  }

  /** What would go, and the order for that very target. */
  #reach({ posts, total }, target) {
    const words = this.#words;
    const reason = h("input", { name: "reason", required: true, maxlength: "2000", autocomplete: "off" });
    const order = (event) => {
      event.preventDefault();
      this.#takeDown(target, reason.value.trim());
    };
    return [
      h("h3", {}, total ? words.count(words.wouldGo, total) : words.nothingStored),
      h("p", { class: "muted" }, total ? words.goesForGood : words.rejectedLater),
      h("div", { class: "small-posts" }, ...posts.map((post) => smallPost(post, words))),
      total > posts.length ? h("p", { class: "muted" }, words.count(words.andMore, total - posts.length)) : null,
      h(
        "form",
        { class: "order", onsubmit: order },
        h("label", {}, words.reason, reason, h("small", { class: "muted" }, words.reasonHint)),
        h("button", { type: "submit", class: "hold" }, total ? words.count(words.takeDown, total) : words.register),
      ),
    ].filter(Boolean);
  }

  async #takeDown(target, reason) {
    const words = this.#words;
    const by = deciderName();
    if (!by) {
      announce(words.nameFirst);
      document.querySelector("#decider")?.focus();
      return;
    }
    try {
      const done = await this.#send("v1/takedowns", target, { by, reason });
      this.#target.clear();
      const says = `${words.count(words.wentDown, done.posts)} ${done.id}`;
      this.#shown.replaceChildren(h("p", { class: "done" }, says));
      announce(says);
      await this.#listProofs();
    } catch (refusal) {
      announce(words.sentence(refusal));
    }
  }

  #send(path, { photo, ...named }, fields = {}) {
    if (!photo) return this.#client.post(path, { ...named, ...fields });
    const form = new FormData();
    form.append("photo", photo, photo.name ?? "photo");
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return this.#client.postForm(path, form);
  }

  async #listProofs() {
    const words = this.#words;
    try {
      const { takedowns } = await this.#client.get("v1/takedowns", { limit: 50 });
      if (!takedowns.length) return this.#proofs.replaceChildren(h("p", { class: "muted" }, words.noProofs));
      const cell = (says) => h("td", {}, says);
      const rows = takedowns.map((each) =>
        h(
          "tr",
          {},
          cell(words.moment(each.at)),
          cell(h("code", {}, each.id)),
          cell(each.by),
          cell(each.reason),
          cell(words.number(each.posts)),
          cell(each.done ? words.moment(each.done) : words.notYet),
        ),
      );
      return this.#proofs.replaceChildren(
        h("table", {}, h("thead", {}, h("tr", {}, ...words.proofColumns.map((name) => h("th", {}, name)))), h("tbody", {}, ...rows)),
      );
    } catch (refusal) {
      return this.#proofs.replaceChildren(h("p", { class: "fault" }, words.sentence(refusal)));
    }
  }
}
