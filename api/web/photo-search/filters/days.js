/** The panel of a field that holds times: from a day to a day, or one of the years that there are photos of. */

import { h } from "../dom.js";

/**
 * Fills a panel; `count()` gives a promise of the facet by years, `choose(from, to)` is called with days, or with empty
 * texts.
 */
export async function fillDays(panel, words, { chosen, count, choose }) {
  const day = (label, value) => h("label", { class: "day" }, h("span", {}, label),
    h("input", { type: "date", value: value ?? "", onchange: () => choose(from(), to()) }));
  const first = day(words.from, chosen?.from);
  const last = day(words.until, chosen?.to);
  const from = () => first.querySelector("input").value;
  const to = () => last.querySelector("input").value;
  const years = h("ul", { class: "years" });
  panel.replaceChildren(h("p", { class: "days" }, first, last), years);
  const facet = await count();
  for (const input of panel.querySelectorAll("input")) {
    if (facet?.least) input.min = String(facet.least).slice(0, 10);
    if (facet?.most) input.max = String(facet.most).slice(0, 10);
  }
  const some = (facet?.values ?? []).filter(({ posts }) => posts).reverse();
  years.replaceChildren(...some.map(({ value, posts }) => {
    const whole = [`${value}-01-01`, `${value}-12-31`];
    const pressed = chosen?.from === whole[0] && chosen?.to === whole[1];
    return h("li", {}, h("button", { type: "button", class: "chip", "aria-pressed": String(pressed),
      onclick: () => {
        const [start, end] = pressed ? ["", ""] : whole;
        first.querySelector("input").value = start;
        last.querySelector("input").value = end;
        choose(start, end);
      } }, value, " ", h("span", { class: "muted" }, words.number(posts))));
  }));
}
