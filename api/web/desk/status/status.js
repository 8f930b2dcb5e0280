/** How the service stands: what waits, the store, the models, what sees photos, the records, the last backup. */

import { h } from "../dom.js";

export class Status {
  #client;
  #words;

  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    this.element = h("section", { class: "sheet" }, h("p", { class: "muted" }, words.loading));
  }

  async open() {
    const words = this.#words;
    try {
      // Who may not review or look after the home sees what everybody may see.
      const [status, home, queue] = await Promise.all([
        this.#client.get("v1/status"),
        this.#client.get("v1/home").catch(() => null),
        this.#client.get("v1/review", { limit: 1 }).catch(() => null),
      ]);
      this.element.replaceChildren(...this.#sections(status, home, queue));
    } catch (refusal) {
      const again = h("button", { type: "button", class: "main", onclick: () => this.open() }, words.retry);
      this.element.replaceChildren(h("p", { class: "fault", role: "alert" }, words.sentence(refusal)), again);
    }
  }

  close() {}

  #sections(status, home, queue) {
    const words = this.#words;
    const told = words.statusWords;
    const waits = queue ? queue.found + queue.unseen : null;
    return [
      h("h2", {}, told.title),
      h(
        "div",
        { class: "figures" },
        figure(words.number(status.posts), told.posts),
        waits === null ? null : figure(words.number(waits), told.waiting, "#queue"),
        figure(status.model ? words.number(status.model.topics) : "–", told.topics, home ? "#models" : null),
        home ? figure(home.backup ? words.ago(home.backup.at) : told.never, told.backup) : null,
      ),
      h(
        "dl",
        { class: "facts" },
        ...rows([
          [told.store, status.store.engine],
          home?.parts.length ? [told.shards, home.parts.map((part) => h("div", {}, part))] : null,
          [told.encoder, status.encoder],
          [told.dual, status.dual_encoder ? `${status.dual_encoder.id} · ${words.count(told.seen, status.dual_encoder.posts)}` : told.none],
          [told.vocabulary, status.model ? vocabulary(status.model.vocabulary, words) : told.noModel],
          home?.renditions ? [told.renditions, `${words.number(home.renditions.photos)} · ${words.bytes(home.renditions.bytes)}`] : null,
          [told.rules, `${told.version} ${status.policy.version} · ${status.policy.hash}`],
          status.policy.notice ? ["", h("span", { class: "fault" }, told.rulesChanged)] : null,
          home?.backup ? [told.lastBackup, `${words.moment(home.backup.at)} · ${words.count(told.ofPosts, home.backup.posts)}`] : null,
          home ? [told.lastCheck, checked(home.check, words)] : null,
          ["photosense", status.version],
        ]),
      ),
      ...(home ? [h("h2", {}, told.records), records(home.records, words)] : []),
    ].filter(Boolean);
  }
}

function figure(value, says, href = null) {
  return h(href ? "a" : "div", { class: "figure", href }, h("strong", {}, value), h("span", { class: "muted" }, says));
}

function rows(pairs) {
  return pairs.filter(Boolean).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}

function checked(check, words) {
  const told = words.statusWords;
  if (!check) return told.notChecked;
  const damaged = check.damaged.map((part) => told.parts[part] ?? part).join(", ");
  const says = damaged ? `${told.damaged}: ${damaged}. ${told.verify}` : told.whole;
  return h("span", { class: damaged ? "fault" : "" }, `${words.moment(check.at)} · ${says}`);
}

function records(kept, words) {
  const told = words.statusWords;
  return h(
    "dl",
    { class: "facts" },
    ...rows(
      kept.map(({ file, lines, sound }) => [
        file,
        h("span", { class: sound ? "" : "fault" }, `${sound ? told.sound : told.broken} · ${words.count(told.lines, lines)}`),
      ]),
    ),
  );
}

function vocabulary(counts, words) {
  return Object.entries(counts)
    .map(([modality, count]) => `${words.statusWords.modalities[modality] ?? modality} ${words.number(count)}`)
    .join(" · ");
}
