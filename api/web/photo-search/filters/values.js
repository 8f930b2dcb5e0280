/** The panel of a field that holds words: its values with how many posts have each, the most frequent first. */

import { h } from "../dom.js";

const PAUSE_MS = 200;

/**
 * Fills a panel; `count(part)` gives a promise of the facet for values that hold a part, `choose(values)` is called
 * with all that are chosen.
 */
export function fillValues(panel, words, { chosen, count, choose }) {
  const values = new Set(chosen);
  const list = h("ul", { class: "values" });
  const others = h("p", { class: "muted" });
  const part = h("input", { type: "search", placeholder: words.findValue, "aria-label": words.findValue,
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE_MS);
    } });
  let timer = 0;
  let turn = 0;
  panel.replaceChildren(part, list, others);
  show();

  async function show() {
    const mine = ++turn;
    const facet = await count(part.value.trim());
    if (mine !== turn) return;
    const counted = facet?.values ?? [];
    const missing = part.value ? [] : [...values].filter((value) => !counted.some((one) => one.value === value));
    list.replaceChildren(...missing.map((value) => option({ value })), ...counted.map(option));
    const more = facet?.others ? words.count(words.otherValues, facet.others) : "";
    others.replaceChildren(facet === null ? words.notCounted : more);
    part.hidden = !part.value && !facet?.others && counted.length < 8;
  }

  function option({ value, posts }) {
    const box = h("input", { type: "checkbox", checked: values.has(value),
      onchange: () => {
        if (box.checked) values.add(value);
        else values.delete(value);
        choose([...values]);
      } });
    const number = posts === undefined ? null : h("span", { class: "muted" }, words.number(posts));
    return h("li", {}, h("label", {}, box, h("span", { class: "value" }, value), number));
  }
}
