/** What became of the lines: counts by status, and what was turned away by its reason, to be mended in place. */

import { h } from "../dom.js";

const MOST_SHOWN = 100; // of one reason: what is mended goes first, and further ones come then
const LONG = 300;

export class Report {
  #words;
  #resend;
  #counts = new Map();
  #reasons = new Map();
  #totals = h("div", { class: "totals" });
  #groups = h("div", { class: "reasons-of-lines" });

  /** `resend` sends one post again, and gives its result. */
  constructor(words, resend) {
    this.#words = words;
    this.#resend = resend;
    this.element = h("div", { class: "report" }, this.#totals, this.#groups);
  }

  get lines() {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  add(post, result) {
    this.#count(result.status, 1);
    if (result.status === "rejected" || result.status === "failed") this.#group(result.reason).add(post, result);
  }

  show() {
    const words = this.#words;
    const items = Object.entries(words.statuses)
      .filter(([status]) => this.#counts.get(status))
      .map(([status, says]) => h("div", { class: status }, h("strong", {}, words.number(this.#counts.get(status))), ` ${says}`));
    this.#totals.replaceChildren(...items);
    for (const group of this.#reasons.values()) group.show();
  }

  #count(status, by) {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + by);
  }

  #group(reason) {
    if (!this.#reasons.has(reason)) {
      const group = new Group(reason, this.#words, (post, before) => this.#sendAgain(post, before));
      this.#reasons.set(reason, group);
      this.#groups.append(group.element);
    }
    return this.#reasons.get(reason);
  }

  async #sendAgain(post, before) {
    const result = await this.#resend(post);
    this.#count(before, -1);
    this.#count(result.status, 1);
    this.show();
    return result;
  }
}

class Group {
  #words;
  #reason;
  #sendAgain;
  #count = 0;
  #shown = 0;
  #summary = h("summary");
  #list = h("ul");

  constructor(reason, words, sendAgain) {
    this.#reason = reason;
    this.#words = words;
    this.#sendAgain = sendAgain;
    this.element = h("details", {}, this.#summary, this.#list);
  }

  add(post, result) {
    this.#count += 1;
    if (this.#shown >= MOST_SHOWN) return;
    this.#shown += 1;
    this.#list.append(this.#line(post, result));
  }

  show() {
    const words = this.#words;
    this.#summary.replaceChildren(h("strong", {}, words.number(this.#count)), ` ${words.reasonOf(this.#reason)} `, h("code", {}, this.#reason));
  }

  #line(post, result) {
    const words = this.#words;
    const { text, photo } = parted(post.json ?? "");
    const field = h("textarea", { rows: "4", spellcheck: "false", "aria-label": `${words.line} ${post.number}` });
    field.value = text;
    const says = h("p", { class: "muted", role: "status" }, detailOf(result, words));
    const send = h("button", { type: "button", disabled: !post.json }, words.sendAgain);
    const item = h("li", {}, h("p", { class: "id" }, `${words.line} ${words.number(post.number)}${result.id ? ` · ${result.id}` : ""}`), says, field, send);
    let { status } = result;
    field.addEventListener("input", () => (send.disabled = !field.value.trim()));
    send.addEventListener("click", async () => {
      send.disabled = true;
      try {
        const outcome = await this.#sendAgain({ number: post.number, json: joined(field.value, photo) }, status);
        status = outcome.status;
        const isIn = status !== "rejected" && status !== "failed";
        says.textContent = isIn ? words.statuses[status] : detailOf(outcome, words);
        item.classList.toggle("mended", isIn);
        field.readOnly = isIn;
        send.hidden = isIn;
      } catch (refusal) {
        says.textContent = words.sentence(refusal);
      }
      send.disabled = false;
    });
    return item;
  }
}

/** What the service says of a line: in English its own words, in Russian the place and ours. */
function detailOf({ reason, detail }, words) {
  if (words.lang === "en" && detail) return detail;
  const place = /\$[\w.[\]]*/.exec(detail ?? "")?.[0];
  return place ? `${words.reasonOf(reason)} ${place}` : words.reasonOf(reason);
}

/** The post to be read and mended, and its photo apart: nobody mends that by hand. */
function parted(json) {
  try {
    const { photo, ...post } = JSON.parse(json);
    if (typeof photo === "string" && photo.length > LONG) return { text: JSON.stringify(post, null, 2), photo };
    return { text: JSON.stringify(photo === undefined ? post : { ...post, photo }, null, 2), photo: null };
  } catch {
    return { text: json, photo: null };
  }
}

function joined(text, photo) {
  if (photo === null) return text;
  try {
    return JSON.stringify({ photo, ...JSON.parse(text) });
  } catch {
    return text;
  }
}
