/** What is to go: an id or a link that is typed, or a photo that is dropped, chosen or pasted. */

import { h } from "../dom.js";

const WAIT_MS = 350;

export class Target {
  #words;
  #changed;
  #begins;
  #field;
  #kind = h("span", { class: "muted kind" });
  #photo = null;
  #timer = 0;
  #stop = new AbortController();

  /** Calls back when something else is meant, and before that as soon as somebody begins to say so. */
  constructor(words, changed, begins) {
    this.#words = words;
    this.#changed = changed;
    this.#begins = begins;
    this.#field = h("input", { name: "target", "aria-label": words.targetLabel, placeholder: words.targetLabel, autocomplete: "off", spellcheck: "false" });
    const file = h("input", { type: "file", accept: "image/*", class: "hidden", tabindex: "-1", "aria-hidden": "true" });
    file.addEventListener("change", () => file.files[0] && this.#take(file.files[0]));
    this.#field.addEventListener("input", () => this.#type());
    this.element = h(
      "div",
      { class: "target" },
      this.#field,
      h("button", { type: "button", onclick: () => file.click() }, words.choosePhoto),
      file,
      this.#kind,
    );
    const { signal } = this.#stop;
    addEventListener("dragover", (event) => event.preventDefault(), { signal });
    addEventListener("drop", (event) => this.#drop(event, event.dataTransfer), { signal });
    addEventListener("paste", (event) => this.#drop(event, event.clipboardData), { signal });
  }

  /** As the service takes it. */
  get value() {
    if (this.#photo) return { photo: this.#photo };
    const typed = this.#field.value.trim();
    return isLink(typed) ? { link: typed } : { post_id: typed };
  }

  clear() {
    this.#photo = null;
    this.#field.value = "";
    this.#kind.replaceChildren();
  }

  close() {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  #type() {
    this.#begins();
    this.#photo = null;
    clearTimeout(this.#timer);
    const typed = this.#field.value.trim();
    this.#kind.textContent = typed ? (isLink(typed) ? this.#words.asLink : this.#words.asId) : "";
    if (typed) this.#timer = setTimeout(this.#changed, WAIT_MS);
  }

  #drop(event, carried) {
    const photo = [...(carried?.files ?? [])].find((file) => file.type.startsWith("image/"));
    if (!photo) return;
    event.preventDefault();
    this.#take(photo);
  }

  #take(photo) {
    this.#begins();
    clearTimeout(this.#timer);
    this.#photo = photo;
    this.#field.value = "";
    this.#kind.textContent = `${this.#words.asPhoto} ${photo.name}`;
    this.#changed();
  }
}

function isLink(typed) {
  return /^(https?:\/\/|\/)/.test(typed);
}
