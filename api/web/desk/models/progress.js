/** What is being done and what was done last: how far it is, how long it takes yet, what came of it. */

import { h } from "../dom.js";

const SHOWN = 4; // tasks that are over
const BARS = 60; // at most, of the curve

export class Progress {
  #words;
  #cancel;
  #curves = new Map(); // by task: what the remark said at each pass
  #seen = new Map(); // by task: when, and how far it was then
  #failed = null; // the task that failed last, once it was shown

  constructor(words, cancel) {
    this.#words = words;
    this.#cancel = cancel;
    this.element = h("div", { class: "tasks" });
  }

  show(tasks) {
    const ours = tasks.filter((task) => task.kind !== "import");
    const open = ours.filter((task) => ["enqueued", "running"].includes(task.state)).reverse();
    const over = ours.filter((task) => !open.includes(task)).slice(0, SHOWN);
    const failed = over[0]?.state === "failed" ? over[0].id : null;
    const opens = failed !== null && failed !== this.#failed; // whoever has read it may fold it
    this.#failed = failed;
    const history = over.length
      ? h("details", { open: opens || (this.element.querySelector("details")?.open ?? false) }, h("summary", {}, this.#words.modelWords.history), h("ul", { class: "history" }, ...over.map((task) => this.#over(task))))
      : null;
    this.element.replaceChildren(...open.map((task) => this.#open(task)), ...(history ? [history] : []));
  }

  #open(task) {
    const words = this.#words;
    const told = words.modelWords;
    const { progress } = task;
    const share = progress?.total ? progress.done / progress.total : null;
    const bar = h("progress", { max: "1", value: share, "aria-label": told.kinds[task.kind] });
    const cancel = h("button", { type: "button", class: "plain", disabled: task.cancel, onclick: () => this.#cancel(task) }, task.cancel ? told.ending : words.cancel);
    return h(
      "div",
      { class: "task" },
      h("div", { class: "task-head" }, h("strong", {}, told.kinds[task.kind]), cancel),
      task.state === "enqueued" ? h("p", { class: "muted" }, told.waits) : [bar, h("p", { class: "muted" }, this.#far(task, share)), this.#curve(task)],
    );
  }

  /** So much of so much, and how long it takes yet, by how fast it was since we look. */
  #far(task, share) {
    const words = this.#words;
    const told = words.modelWords;
    const { progress } = task;
    if (!progress) return told.begins;
    const said = [told.stages[progress.stage]?.(words.number(progress.done), progress.total && words.number(progress.total)) ?? ""];
    const first = this.#seen.get(task.id) ?? { at: Date.now(), done: progress.done };
    this.#seen.set(task.id, first);
    const done = progress.done - first.done;
    if (share !== null && share >= 1) said.push(told.finishes);
    else if (done > 0 && progress.total) {
      const seconds = ((Date.now() - first.at) / 1000 / done) * (progress.total - progress.done);
      said.push(told.left(words.duration(seconds)));
    }
    return said.filter(Boolean).join(" · ");
  }

  /** How surprised the model still is, pass after pass. */
  #curve(task) {
    const value = Number(task.progress?.remark?.match(/^perplexity ([0-9.]+)$/)?.[1]);
    if (!value) return null;
    const told = this.#words.modelWords;
    const curve = this.#curves.get(task.id) ?? new Map();
    this.#curves.set(task.id, curve.set(task.progress.done, value));
    const points = [...curve].sort(([one], [other]) => one - other);
    const says = h("span", { class: "muted" }, told.surprise(this.#words.number(Math.round(value))));
    if (points.length < 3) return h("div", { class: "curve" }, says);
    return h("div", { class: "curve" }, drawn(points), says);
  }

  #over(task) {
    const words = this.#words;
    const told = words.modelWords;
    return h(
      "li",
      {},
      h("span", { class: task.state === "failed" ? "fault" : "" }, told.ended(task)),
      h("span", { class: "muted" }, ` · ${words.ago(task.ended)}`),
      task.failure ? h("p", { class: "fault" }, words.failure(task.failure)) : null,
    );
  }
}

/** A bar for each pass that was seen, the more surprised the higher. */
function drawn(points) {
  const step = Math.ceil(points.length / BARS);
  const shown = points.filter((_, place) => place % step === 0 || place === points.length - 1);
  const most = Math.max(...shown.map(([, value]) => value));
  const bars = shown.map(([, value]) => {
    const bar = h("span", {});
    bar.style.height = `${Math.max((100 * value) / most, 2)}%`;
    return bar;
  });
  return h("div", { class: "bars", "aria-hidden": "true" }, ...bars);
}
