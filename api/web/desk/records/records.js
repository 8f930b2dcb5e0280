/** What is on record: consents that stand, the life of any post, the evidence of a period. */

import { announce, h } from "../dom.js";
import { openLife, terms } from "../queue/life.js";
import { deciderName } from "../session.js";
import { smallPost } from "../takedown/small-post.js";

const A_PAGE = 60;

export class Records {
  #client;
  #words;
  #consents = h("div", { class: "small-posts" });
  #count = h("p", { class: "muted" });
  #more;
  #listed = 0; // of those that stand: the next page begins behind them
  #standing = 0;

  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    this.#more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.#list() }, words.more);
    this.element = h(
      "section",
      { class: "sheet" },
      h("h2", {}, words.evidenceTitle),
      h("p", { class: "muted" }, words.evidenceLead),
      this.#evidenceForm(),
      h("h2", {}, words.lifeTitle),
      this.#lifeForm(),
      h("h2", {}, words.consentsTitle),
      this.#count,
      this.#consents,
      this.#more,
    );
  }

  open() {
    return this.#list();
  }

  close() {}

  #evidenceForm() {
    const words = this.#words;
    const from = h("input", { type: "date", name: "from" });
    const to = h("input", { type: "date", name: "to" });
    const fault = h("p", { class: "fault", role: "alert" });
    const make = async (event) => {
      event.preventDefault();
      fault.textContent = "";
      try {
        keep(await this.#client.file("v1/evidence", { from: from.value, to: to.value }), `evidence-${from.value}-${to.value}.zip`);
        announce(words.evidenceMade);
      } catch (refusal) {
        fault.textContent = words.sentence(refusal);
      }
    };
    return h(
      "form",
      { class: "row", onsubmit: make },
      h("label", {}, words.firstDay, from),
      h("label", {}, words.lastDay, to),
      h("button", { type: "submit", class: "main" }, words.makeEvidence),
      fault,
    );
  }

  #lifeForm() {
    const words = this.#words;
    const id = h("input", { name: "post", required: true, autocomplete: "off", "aria-label": words.postId, placeholder: words.postId });
    const open = (event) => {
      event.preventDefault();
      openLife(this.#client, words, id.value.trim());
    };
    return h("form", { class: "row", onsubmit: open }, id, h("button", { type: "submit" }, words.show));
  }

  async #list() {
    const words = this.#words;
    try {
      const page = await this.#client.get("v1/consents", { limit: A_PAGE, offset: this.#listed });
      this.#listed += page.consents.length;
      this.#stand(page.total);
      this.#more.hidden = !page.more;
      this.#consents.append(...page.consents.map((each) => this.#consent(each)));
    } catch (refusal) {
      this.#count.textContent = words.sentence(refusal);
    }
  }

  #stand(count) {
    const words = this.#words;
    this.#standing = count;
    this.#count.textContent = count ? words.count(words.consentsStand, count) : words.noConsents;
  }

  #consent(each) {
    const words = this.#words;
    const says = h("p", { class: each.ended ? "fault" : "muted" }, terms(each.consent, words), each.ended ? ` · ${words.endedNow}` : "");
    const revoke = h("button", { type: "button", class: "hold", onclick: () => this.#revoke(each.id, element, revoke) }, words.revoke);
    const life = h("button", { type: "button", class: "plain", onclick: () => openLife(this.#client, words, each.id) }, words.life);
    const element = smallPost(each, words, h("div", {}, says, h("div", { class: "row" }, revoke, life)));
    return element;
  }

  async #revoke(id, element, button) {
    const words = this.#words;
    const by = deciderName();
    if (!by) {
      announce(words.nameFirst);
      document.querySelector("#decider")?.focus();
      return;
    }
    button.disabled = true;
    try {
      await this.#client.delete(`v1/posts/${encodeURIComponent(id)}/compliance/consent?by=${encodeURIComponent(by)}`);
      this.#listed -= 1;
      this.#stand(this.#standing - 1);
      element.classList.add("gone");
      button.replaceWith(h("strong", { class: "fault" }, words.revoked));
    } catch (refusal) {
      button.disabled = false;
      announce(words.sentence(refusal));
    }
  }
}

/** Lets the browser keep a file. */
function keep(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(address);
}
