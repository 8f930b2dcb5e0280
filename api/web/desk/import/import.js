/** Posts from files: seen first, sent in batches with what is left of the time, and mended where they were turned away. */

import { h } from "../dom.js";
import { postsOfLines } from "./lines.js";
import { atItsPath, filesIn, isPhoto, postsOfPhotos, withPhoto } from "./photos.js";
import { Report } from "./report.js";
import { Sender } from "./sender.js";
import { postsOfTable } from "./table.js";

const SHOWN_EVERY_MS = 200;

export class Import {
  #client;
  #words;
  #stage = h("div", { class: "stage" });
  #sender = null;
  #addresses = [];
  #stop = new AbortController();

  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    const input = h("input", { type: "file", multiple: true, class: "hidden", tabindex: "-1", "aria-hidden": "true" });
    input.addEventListener("change", () => this.#take([...input.files].map(atItsPath)));
    this.element = h(
      "section",
      { class: "sheet" },
      h("h2", {}, words.importTitle),
      h("p", { class: "muted" }, words.importLead),
      h("button", { type: "button", class: "drop", onclick: () => input.click() }, h("span", {}, words.dropFiles), h("small", { class: "muted" }, words.dropHint)),
      input,
      this.#stage,
    );
    const { signal } = this.#stop;
    addEventListener("dragover", (event) => event.preventDefault(), { signal });
    addEventListener("drop", (event) => this.#drop(event), { signal });
  }

  open() {}

  close() {
    this.#stop.abort();
    this.#sender?.stop();
    for (const address of this.#addresses) URL.revokeObjectURL(address);
  }

  async #drop(event) {
    event.preventDefault();
    this.#take(await filesIn(event.dataTransfer));
  }

  async #take(files) {
    const words = this.#words;
    if (this.#sender || !files.length) return;
    const tables = files.filter((each) => /\.(csv|tsv|ndjson|jsonl|json)$/i.test(each.path) && !files.some(isPhoto));
    if (files.some(isPhoto)) this.#showPhotos(await postsOfPhotos(files));
    else if (tables.length === 1) this.#showFile(tables[0].file);
    else this.#stage.replaceChildren(h("p", { class: "fault", role: "alert" }, tables.length ? words.oneFile : words.noFile));
  }

  #showFile(file) {
    const words = this.#words;
    const isTable = /\.(csv|tsv)$/i.test(file.name);
    const source = isTable ? postsOfTable : postsOfLines;
    const go = h("button", { type: "button", class: "main", onclick: () => this.#send(source(file), file.size) }, words.send);
    this.#stage.replaceChildren(
      h("p", {}, h("strong", {}, file.name), ` · ${words.bytes(file.size)} · ${isTable ? words.table : words.ndjson}`),
      go,
    );
    go.focus();
  }

  #showPhotos(posts) {
    const words = this.#words;
    const child = h("select", {}, ...[["", words.childUnsaid], ["no", words.childNo], ["yes", words.childYes]].map(([value, says]) => h("option", { value }, says)));
    const cards = posts.map((post) => this.#photo(post));
    const source = async function* () {
      for (const [place, post] of posts.entries()) yield { number: place + 1, json: await withPhoto(post, child.value) };
    };
    const size = posts.length;
    this.#stage.replaceChildren(
      h("h3", {}, words.count(words.photosHere, size)),
      h("div", { class: "row" }, h("label", {}, words.childOnThem, child), h("button", { type: "button", class: "main", onclick: () => this.#send(source(), size, true) }, words.send)),
      h("div", { class: "small-posts" }, ...cards),
    );
  }

  #photo(post) {
    const words = this.#words;
    const address = URL.createObjectURL(post.file);
    this.#addresses.push(address);
    const caption = h("textarea", { rows: "2", "aria-label": `${words.caption} ${post.fields.id}`, placeholder: words.caption });
    caption.value = post.caption;
    caption.addEventListener("input", () => (post.caption = caption.value.trim()));
    return h(
      "article",
      { class: "small-post" },
      h("div", { class: "photo" }, h("img", { src: address, alt: "", loading: "lazy" })),
      h("div", {}, h("p", { class: "id" }, post.fields.id), caption),
    );
  }

  /** Sends what a source gives; `size` is how much there is: letters of a file, or posts. */
  async #send(source, size, isCounted = false) {
    const words = this.#words;
    const sender = new Sender(this.#client);
    const report = new Report(words, (post) => this.#sendAgain(post));
    const bar = h("progress", { max: "1", value: "0", "aria-label": words.progress });
    const pace = h("p", { class: "muted", role: "status" });
    const stop = h("button", { type: "button", onclick: () => sender.stop() }, words.stop);
    this.#stage.replaceChildren(h("div", { class: "run" }, bar, pace, stop), report.element);
    this.#sender = sender;
    const begin = performance.now();
    let shown = 0;
    let done = 0;
    const show = (isOver) => {
      const seconds = (performance.now() - begin) / 1000;
      const share = isOver ? 1 : Math.min(done / Math.max(size, 1), 1);
      const rate = report.lines / Math.max(seconds, 0.001);
      const left = share > 0 && !isOver ? (seconds / share) * (1 - share) : 0;
      bar.value = share;
      pace.textContent = words.pace(words.number(report.lines), words.number(Math.round(rate)), isOver ? words.duration(seconds) : words.left(words.duration(left)));
      report.show();
    };
    try {
      await sender.send(source, (post, result) => {
        report.add(post, result);
        done += isCounted ? 1 : new Blob([post.json ?? ""]).size + 1;
        if (performance.now() - shown > SHOWN_EVERY_MS) {
          shown = performance.now();
          show(false);
        }
      });
      show(true);
    } catch (refusal) {
      show(false);
      const says = refusal instanceof TypeError ? words.tableFaults[refusal.message] : null;
      report.element.before(h("p", { class: "fault", role: "alert" }, says ?? words.sentence(refusal)));
    } finally {
      stop.remove();
      this.#sender = null;
    }
  }

  async #sendAgain(post) {
    let outcome = null;
    await new Sender(this.#client).send([post], (_, result) => (outcome = result));
    return outcome;
  }
}
