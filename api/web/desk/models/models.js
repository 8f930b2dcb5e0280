/** Models: learn one and watch it, compare it with the one in force, put it in force, go back; and the last backup. */

import { announce, h } from "../dom.js";
import { backupCard } from "./backup.js";
import { learnForm } from "./learn-form.js";
import { modelCard } from "./model-card.js";
import { Progress } from "./progress.js";

const BUSY = 1000; // milliseconds between two looks while something is done
const QUIET = 15000;
const OPEN = ["enqueued", "running"];

export class Models {
  #client;
  #words;
  #timer = null;
  #last = Promise.resolve(); // look
  #closed = false;
  #over = new Set(); // ids of tasks whose end was shown
  #looked = false;
  #progress;
  #learn;
  #list = h("div", { class: "model-cards" });
  #eyes = h("dl", { class: "facts" });
  #backup = h("div", {});
  #fault = h("p", { class: "fault", role: "alert" });

  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    const told = words.modelWords;
    this.#progress = new Progress(words, (task) => this.#cancel(task));
    this.#learn = learnForm(words, (options) => this.#begin("v1/tasks", { kind: "train", ...options }));
    this.element = h(
      "section",
      { class: "sheet" },
      h("h2", {}, told.title),
      h("p", { class: "muted" }, told.lead),
      this.#fault,
      this.#progress.element,
      this.#list,
      h("h2", {}, told.learnTitle),
      h("p", { class: "muted" }, told.learnLead),
      this.#learn,
      h("h2", {}, told.eyesTitle),
      this.#eyes,
      h("h2", {}, told.backupTitle),
      this.#backup,
    );
  }

  open() {
    return this.#look();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Looks at everything once the look before is over: of two that crossed, the older would have the last word. */
  #look() {
    this.#last = this.#last.then(() => this.#lookOnce());
    return this.#last;
  }

  /** Looks at everything now, and again soon while something is done. */
  async #lookOnce() {
    clearTimeout(this.#timer);
    let busy = false;
    try {
      const { tasks } = await this.#client.get("v1/tasks", { limit: 100 });
      busy = tasks.some((task) => OPEN.includes(task.state));
      const ended = tasks.filter((task) => !OPEN.includes(task.state) && !this.#over.has(task.id));
      const changed = ended.length > 0 || !this.#list.childElementCount;
      if (this.#looked) for (const task of ended) announce(this.#words.modelWords.ended(task));
      for (const task of ended) this.#over.add(task.id); // never forgotten: an earlier look may come in later
      this.#looked = true;
      this.#progress.show(tasks);
      this.#lock(tasks);
      if (changed) await this.#renew(tasks);
      this.#fault.textContent = "";
    } catch (refusal) {
      this.#fault.textContent = this.#words.sentence(refusal);
    }
    if (!this.#closed) this.#timer = setTimeout(() => this.#look(), busy ? BUSY : QUIET);
  }

  async #renew(tasks) {
    const [{ models, before }, status, home] = await Promise.all([
      this.#client.get("v1/models"),
      this.#client.get("v1/status"),
      this.#client.get("v1/home"),
    ]);
    const words = this.#words;
    const told = words.modelWords;
    const compared = (model) =>
      tasks.find(({ kind, state, report }) => kind === "compare" && state === "succeeded" && report.model === model.id)?.report;
    const active = models.find((model) => model.state === "in_force");
    const act = {
      publish: (model) => this.#begin(`v1/models/${encodeURIComponent(model.id)}:publish`, {}),
      compare: (model) => this.#begin("v1/tasks", { kind: "compare", model: model.id }),
      rollback: () => this.#begin("v1/models:rollback", {}),
    };
    const ordered = [...models].sort((one, other) => (other === active) - (one === active));
    const cards = ordered.map((model) => modelCard(model, { words, active, before, compared: compared(model), act }));
    this.#list.replaceChildren(...(cards.length ? cards : [h("p", { class: "muted" }, told.none)]));
    this.#eyes.replaceChildren(...eyes(status, words));
    this.#backup.replaceChildren(backupCard(home.backup, words, () => this.#begin("v1/tasks", { kind: "backup" })));
    this.#lock(tasks);
  }

  /** One task of a kind at a time: what would be a second one waits. */
  #lock(tasks) {
    const kinds = new Set(tasks.filter((task) => OPEN.includes(task.state)).map((task) => task.kind));
    for (const button of this.element.querySelectorAll("[data-kind]")) button.disabled = kinds.has(button.dataset.kind);
  }

  async #begin(path, body) {
    try {
      await this.#client.post(path, body);
    } catch (refusal) {
      this.#fault.textContent = this.#words.sentence(refusal);
      this.#fault.scrollIntoView({ block: "nearest" });
      return;
    }
    announce(this.#words.modelWords.enqueued);
    await this.#look();
    this.#progress.element.scrollIntoView({ block: "nearest" });
  }

  async #cancel(task) {
    try {
      await this.#client.post(`v1/tasks/${task.id}:cancel`, {});
    } catch (refusal) {
      announce(this.#words.sentence(refusal));
    }
    await this.#look();
  }
}

/** What sees photos, and how much it has seen. */
function eyes(status, words) {
  const told = words.modelWords;
  const seen = status.dual_encoder;
  const rows = [
    [told.encoder, status.encoder.split("+").map((name) => h("div", {}, h("code", {}, name.trim())))],
    [told.dual, seen ? [h("code", {}, seen.id), ` · ${words.count(words.statusWords.seen, seen.posts)}`] : words.statusWords.none],
    [told.learnedWords, status.model ? Object.entries(status.model.vocabulary).map(([name, count]) => `${words.statusWords.modalities[name] ?? name} ${words.number(count)}`).join(" · ") : "–"],
    [told.store, [status.store.engine, ` · ${words.count(words.statusWords.ofPosts, status.posts)}`]],
  ];
  return rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}
