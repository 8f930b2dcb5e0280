/** A post's photo, smeared until somebody decides to look: only then is it asked for, and the look is on record. */

import { located } from "../client.js";
import { h, webAddress } from "../dom.js";
import { deciderName } from "../session.js";

export class Photo {
  #words;
  #links;
  #image = h("img", { alt: "", decoding: "async" });

  /**
   * `photo` are the addresses that the service gave, or null; then `thumb` is that of the site, which is a page of its
   * own: this one asks nobody but the service. `says` names the photo to whoever cannot see it.
   */
  constructor({ photo, thumb }, says, words, looked, isPictured = true) {
    this.#words = words;
    this.#links = photo;
    this.hasPhoto = Boolean(photo);
    this.isLookedAt = false;
    const site = webAddress(thumb);
    const there = site ? h("a", { href: site, target: "_blank", rel: "noopener noreferrer" }, words.photoOnSite) : null;
    const none = isPictured || site ? h("p", { class: "photo none" }, words.noPhoto, there) : null;
    this.element = photo ? this.#framed(says, looked) : none;
  }

  look() {
    if (!this.hasPhoto || this.isLookedAt) return;
    this.isLookedAt = true;
    this.element.classList.remove("blurred");
    this.element.setAttribute("aria-label", this.#image.dataset.says);
    this.#image.src = lookAt(this.#links);
  }

  /** Takes new addresses, where the old ones are over. */
  renew(links) {
    this.#links = links;
    if (!links) return;
    this.element.classList.remove("overdue");
    this.#image.src = this.isLookedAt ? lookAt(links) : smearOf(links);
  }

  #framed(says, looked) {
    this.#image.dataset.says = says;
    this.#image.src = smearOf(this.#links);
    const overdue = h("span", { class: "overdue-says" }, this.#words.overdue);
    const hint = h("span", { class: "look-hint", "aria-hidden": "true" }, this.#words.look);
    const button = h(
      "button",
      { type: "button", class: "photo blurred", "aria-label": this.#words.look, onclick: () => looked() },
      this.#image,
      hint,
      overdue,
    );
    this.#image.addEventListener("error", () => {
      button.classList.add("overdue");
      button.dispatchEvent(new CustomEvent("desk:overdue", { bubbles: true }));
    });
    return button;
  }
}

function lookAt(links) {
  const address = located(links.large);
  if (deciderName()) address.searchParams.set("by", deciderName());
  return address.href;
}

function smearOf(links) {
  const address = located(links.small);
  address.searchParams.set("blurred", "true");
  return address.href;
}
