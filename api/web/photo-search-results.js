/** The results under the box: what was found, what was not, and what went wrong. */

import { createCard, createSkeleton, createTopic } from "./photo-search-cards.js";
import { h, icon } from "./photo-search-dom.js";

const SKELETONS = 8;
const MOST_COUNTED = 1000;
const TOPICS_SHOWN = 4;
const TOPIC_WORDS_SHOWN = 3;

/**
 * Builds the results; `actions` are those of the cards, and `more()`, `retry()` and `back()`; `explain` opens the
 * reasons of every card from the start.
 */
export function createResults(words, actions, { explain = false } = {}) {
  const status = h("p", { class: "status", part: "status", role: "status", "aria-live": "polite", tabindex: -1 });
  const back = h("button", { class: "plain", type: "button", hidden: true, onclick: actions.back },
    icon("back"), words.backToSearch);
  const explainAll = h("input",
    { type: "checkbox", role: "switch", checked: explain, onchange: () => setExplain(explainAll.checked) });
  const explainer = h("label", { class: "explain", hidden: true }, explainAll, words.whyAll);
  const remarks = h("div", { class: "remarks" });
  const grid = h("ul", { class: "grid", part: "grid" });
  const panel = h("div", { class: "panel" });
  const more = h("button", { class: "more", part: "more", type: "button", hidden: true, onclick: actions.more },
    words.more);
  const element = h("section", { class: "results", "data-state": "idle" },
    h("header", {}, back, status, explainer), remarks, grid, panel, more);

  function setExplain(on) {
    explain = on;
    for (const details of grid.querySelectorAll("details.why")) details.open = on;
  }

  function become(state, { keep = false } = {}) {
    element.dataset.state = state;
    grid.setAttribute("aria-busy", String(state === "searching"));
    panel.replaceChildren();
    more.hidden = true;
    more.disabled = false;
    if (keep) return;
    status.replaceChildren();
    remarks.replaceChildren();
    grid.replaceChildren();
    explainer.hidden = true;
    back.hidden = true;
  }

  function cards(hits, photoBase) {
    return hits.map((hit) => createCard(hit, { ...actions, words, photoBase, explain }));
  }

  function say(answer, similarTo) {
    const { total, took_ms: took } = answer;
    const count = words.count(words.found, total);
    status.replaceChildren(h("b", {}, total >= MOST_COUNTED ? `${words.atLeast} ${count}` : count),
      h("span", { class: "muted" }, took === undefined ? "" : ` · ${words.milliseconds(took)}`));
    if (similarTo === null) return;
    back.hidden = false;
    status.prepend(similarTo ? `${words.similarTo} “${similarTo}” · ` : `${words.similarPosts} · `);
  }

  function remark({ query, country }) {
    const topics = query?.topics ?? [];
    const unknown = query?.unknown_terms ?? [];
    const lines = [];
    if (topics.length) {
      const main = topics.slice(0, TOPICS_SHOWN).map((topic) =>
        createTopic({ ...topic, words: topic.words.slice(0, TOPIC_WORDS_SHOWN) }));
      const understood = h("span", { class: "muted" }, words.about);
      lines.push(h("div", { class: "about" }, understood, h("ul", { class: "topics" }, main)));
    }
    const mended = Object.entries(query?.respelled ?? {});
    if (mended.length) {
      const pairs = mended.map(([typed, meant]) => `${typed} → ${meant}`).join(", ");
      lines.push(h("p", { part: "respelled" }, h("span", { class: "muted" }, words.respelled), " ", pairs));
    }
    const others = query?.understood ?? [];
    if (others.length) {
      const pairs = others.map(({ typed, words: same }) => `${typed} → ${same.join(", ")}`).join("; ");
      lines.push(h("p", { part: "understood" }, h("span", { class: "muted" }, words.sameIdea), " ", pairs));
    }
    if (unknown.length) lines.push(h("p", {}, h("span", { class: "muted" }, words.unknown), " ", unknown.join(", ")));
    if (country?.note) lines.push(h("p", { class: "muted" }, country.note));
    remarks.replaceChildren(...lines);
  }

  return {
    element,
    /** Waits visibly: with outlines at first, later with the earlier answer dimmed, which flickers less. */
    searching() {
      const earlier = grid.childElementCount > 0;
      become("searching", { keep: earlier });
      if (!earlier) grid.replaceChildren(...Array.from({ length: SKELETONS }, createSkeleton));
      status.replaceChildren(h("span", { class: "muted" }, words.searching));
    },
    /** Shows the first page of an answer; `similarTo` is null for a search, else what the posts are similar to. */
    show(answer, { photoBase, similarTo }) {
      become(answer.hits.length ? "shown" : "empty");
      if (answer.disclaimer) {
        this.withhold(answer.disclaimer);
        return;
      }
      remark(answer);
      say(answer, similarTo);
      grid.replaceChildren(...cards(answer.hits, photoBase));
      explainer.hidden = !grid.querySelector("details.why");
      more.hidden = !answer.more;
      if (answer.hits.length) return;
      panel.replaceChildren(icon("search"), h("p", { part: "notice" }, answer.notice ?? words.nothing));
    },
    /** Adds a further page, and moves the focus to its first card without a jump of the page. */
    append(answer, { photoBase }) {
      const added = cards(answer.hits, photoBase);
      grid.append(...added);
      more.disabled = false;
      more.hidden = !answer.more;
      added[0]?.querySelector("a, button")?.focus({ preventScroll: true });
    },
    waitForMore() {
      more.disabled = true;
    },
    /** Shows the sentence of the law in place of an answer, and nothing beside it. */
    withhold(sentence) {
      become("withheld");
      panel.replaceChildren(h("p", { class: "withheld", part: "disclaimer", lang: "en", role: "status" }, sentence));
    },
    /** Shows what went wrong in the service's own words. */
    fail(sentence, { retry = true } = {}) {
      become("failed");
      panel.replaceChildren(h("p", { part: "error", role: "alert" }, sentence),
        retry ? h("button", { class: "plain", type: "button", onclick: actions.retry }, words.retry) : "");
    },
    clear: () => become("idle"),
    focus: () => status.focus(),
  };
}
