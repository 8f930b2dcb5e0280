/** The photos under the box in justified rows: what was found, what was not, and what went wrong. */

import { h, icon, iconButton, langOf } from "../dom.js";
import { remarksOf } from "./remarks.js";
import { createSkeleton, createTile } from "./tile.js";

const SKELETONS = 24;
const AHEAD = "1200px"; // the next page is asked for while the last rows are still below the window
const PAGES_BY_THEMSELVES = 8; // then a button asks, so that what stands below the photos can be reached

/**
 * Builds the gallery; `actions` are those of the tiles, and `more()`, `retry()`, `back()`, `another()`, `newest()` and
 * `steer(topic, less)`; `explain` shows the words of every photo from the start, `linked` says that the address of the
 * page leads to them. `filters` stands above.
 */
export function createGallery(words, actions, filters, { explain = false, linked = false } = {}) {
  const status = h("p", { class: "status", part: "status", role: "status", "aria-live": "polite", tabindex: -1 });
  const back = h("button", { class: "plain", type: "button", hidden: true, onclick: actions.back },
    icon("back"), words.backToSearch);
  const text = iconButton("text", words.withText, () => showText(!explain),
    { class: "round small", part: "text-button", hidden: true });
  const copy = iconButton("link", words.copyQuestion, () => navigator.clipboard.writeText(location.href).then(() => {
    copy.classList.add("done");
    setTimeout(() => copy.classList.remove("done"), 1500);
  }), { class: "round small", part: "copy-question", hidden: true });
  const remarks = h("div", { class: "remarks" });
  const grid = h("ul", { class: "grid", part: "grid" });
  const panel = h("div", { class: "panel" });
  const more = h("button", { class: "more", part: "more", type: "button", hidden: true,
    onclick: () => actions.more({ byHand: true }) }, words.more);
  const element = h("section", { class: "results", "aria-label": words.photos, "data-state": "idle" },
    h("header", {}, back, status, filters, copy, text), remarks, grid, panel, more);
  const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && follow(),
    { rootMargin: AHEAD });
  let turn = 0;
  let pages = 0;
  let total = null;

  watcher.observe(more);
  showText(explain);

  function showText(on) {
    explain = on;
    grid.classList.toggle("with-text", on);
    text.setAttribute("aria-pressed", String(on));
  }

  function follow() {
    if (!more.hidden && !more.disabled && pages < PAGES_BY_THEMSELVES) actions.more({ byHand: false });
  }

  function become(state, { keep = false } = {}) {
    turn++;
    element.dataset.state = state;
    grid.setAttribute("aria-busy", String(state === "searching"));
    panel.replaceChildren();
    more.hidden = true;
    more.disabled = false;
    if (keep) return;
    status.replaceChildren();
    remarks.replaceChildren();
    grid.replaceChildren();
    text.hidden = copy.hidden = true;
    back.hidden = true;
  }

  /* Tiles go in together, with their shapes known: rows that stand do not move. Gives null when it is too late. */
  async function tilesOf(hits, photoBase) {
    const mine = turn;
    const tiles = hits.map((hit) => createTile(hit, { ...actions, words, photoBase }));
    await Promise.all(tiles.map(({ ready }) => ready));
    return mine === turn ? tiles.map(({ element: tile }) => tile) : null;
  }

  function say(answer, similarTo) {
    const browsed = answer.query?.mode === "browse";
    total = answer.total;
    const rough = answer.more && !browsed && total >= 100;
    const counted = words.count(words.found, rough ? rounded(total) : total);
    const count = browsed ? words.newest : rough ? `${words.roughly} ${counted}` : counted;
    const took = answer.took_ms === undefined ? "" : ` · ${words.milliseconds(answer.took_ms)}`;
    status.replaceChildren(h("b", {}, count), h("span", { class: "muted" }, browsed ? ` · ${counted}` : took));
    if (similarTo === null) return;
    back.hidden = false;
    status.prepend(similarTo
      ? h("span", { class: "subject" }, `${words.similarTo} ${words.quoted(similarTo)}`)
      : words.similarPosts, " · ");
  }

  return {
    element,
    /** How many posts there are to this question, as far as is known. */
    get total() {
      return total;
    },
    /** Waits visibly: with outlines at first, later with the earlier answer dimmed, which flickers less. */
    searching() {
      const earlier = grid.childElementCount > 0;
      become("searching", { keep: earlier });
      if (!earlier) grid.replaceChildren(...Array.from({ length: SKELETONS }, (_, number) => createSkeleton(number)));
      status.replaceChildren(h("span", { class: "muted" }, words.searching));
    },
    /** Shows the first page of an answer; `similarTo` is null for a search, else what the posts are similar to. */
    async show(answer, { photoBase, similarTo, steer }) {
      const tiles = await tilesOf(answer.hits, photoBase);
      if (!tiles) return;
      if (answer.disclaimer) {
        this.withhold(answer.disclaimer);
        return;
      }
      become(answer.hits.length ? "shown" : "empty");
      pages = 1;
      remarks.replaceChildren(...remarksOf(answer, words, { steer, ask: actions.steer }));
      say(answer, similarTo);
      grid.replaceChildren(...tiles);
      text.hidden = !tiles.length;
      copy.hidden = !tiles.length || !linked || !navigator.clipboard;
      more.hidden = !answer.more;
      if (tiles.length) return;
      const notice = words.sentence(answer.notice_code, answer.notice) ?? words.nothing;
      panel.replaceChildren(icon("search"), h("p", { part: "notice" }, notice));
    },
    /** Adds a further page; where it was asked for by hand the focus goes on to its first photo. */
    async append(answer, { photoBase, byHand }) {
      const added = await tilesOf(answer.hits, photoBase);
      if (!added) return;
      pages = byHand ? 1 : pages + 1;
      grid.append(...added);
      more.disabled = false;
      more.hidden = !answer.more;
      watcher.unobserve(more); // observed anew it tells at once whether the window is still not full
      watcher.observe(more);
      if (byHand) added[0]?.querySelector("button")?.focus({ preventScroll: true });
    },
    waitForMore() {
      more.disabled = true;
    },
    /** Lets a page that did not come be asked for again, by hand. */
    failMore() {
      more.disabled = false;
      pages = PAGES_BY_THEMSELVES;
    },
    /** Shows the sentence of the law in place of an answer, and nothing beside it but ways on. */
    withhold(sentence) {
      become("withheld");
      const law = h("p", { class: "withheld", part: "disclaimer", lang: langOf(sentence), role: "status" }, sentence);
      const on = (label, onclick) => h("button", { class: "plain", type: "button", onclick }, label);
      panel.replaceChildren(law, h("p", { class: "ways-on", part: "ways-on" },
        on(words.askOther, actions.another), on(words.showNewest, actions.newest)));
    },
    /** Shows what went wrong in the service's own words. */
    fail(sentence, { retry = true } = {}) {
      become("failed");
      panel.replaceChildren(h("p", { part: "error", role: "alert" }, sentence),
        retry ? h("button", { class: "plain", type: "button", onclick: actions.retry }, words.retry) : "");
    },
    clear: () => become("idle"),
    focus: () => status.focus(),
    /** Puts the focus on the photo of a post. */
    focusOn(id) {
      const tile = [...grid.children].find((one) => one.dataset.post === id);
      tile?.querySelector("button")?.focus();
    },
  };
}

/* Two digits are all that an estimate says. */
function rounded(number) {
  const step = 10 ** (Math.floor(Math.log10(number)) - 1);
  return Math.round(number / step) * step;
}
