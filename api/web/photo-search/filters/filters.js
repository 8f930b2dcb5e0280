/** The row of filters: a chip for each field that the posts shown have, an order, and a way back to all of them. */

import { h, icon } from "../dom.js";
import { EMPTY, asksNothing, choosing, isNarrowed } from "../question.js";
import { fillDays } from "./days.js";
import { createMenu } from "./menu.js";
import { fillValues } from "./values.js";

const STEP = /:(year|month|day)$/;

/**
 * Builds the filters for facets such as `attrs.place`, `attrs.taken:year`, `authors`, `tags`. `actions`:
 * `ask(question)`, and `count(question, facet, part)` which gives a promise of the facet, or of null.
 */
export function createFilters(words, facets, actions) {
  const known = new Set();
  let question = EMPTY;
  const menus = facets.map(createFacet);
  const order = h("select", { class: "chip", part: "sort", "aria-label": words.order,
    onchange: () => actions.ask({ ...question, sort: order.value }) });
  const clear = h("button", { class: "chip clear", type: "button", part: "clear-filters", hidden: true,
    onclick: () => actions.ask({ ...question, only: {}, when: null }) }, icon("close"), words.clearFilters);
  const element = h("div", { class: "filters", part: "filters", role: "group", "aria-label": words.filters },
    menus.map(({ chip, panel }) => [chip, panel]).flat(), order, clear);

  function createFacet(facet) {
    const field = facet.replace(STEP, "");
    const isTime = STEP.test(facet);
    const label = words.fields[field.replace(/^attrs\./, "")] ?? field.replace(/^attrs\./, "");
    const menu = createMenu(label, () => (isTime ? openDays() : openValues()));
    menu.chip.hidden = true;

    const openValues = () => fillValues(menu.panel, words, {
      chosen: question.only[field] ?? [],
      count: (part) => actions.count(choosing(question, field, []), facet, part),
      choose: (values) => actions.ask(choosing(question, field, values)),
    });
    const openDays = () => fillDays(menu.panel, words, {
      chosen: question.when?.field === field ? question.when : null,
      count: () => actions.count({ ...question, when: null }, facet, ""),
      choose: (from, to) => actions.ask({ ...question, when: from || to ? { field, from, to } : null }),
    });
    const chosen = () => {
      if (isTime) return question.when?.field === field ? words.days(question.when) : "";
      const [first, ...others] = question.only[field] ?? [];
      return others.length ? `${first} +${others.length}` : first ?? "";
    };
    const show = () => {
      menu.choose(chosen());
      menu.chip.hidden = !known.has(field) && !chosen();
    };
    return { ...menu, field, label, isTime, show };
  }

  function offerOrders() {
    const times = menus.filter(({ isTime, field }) => isTime && (known.has(field) || question.sort.startsWith(field)));
    const orders = [
      ["", asksNothing(question) ? words.newestFirst : words.bestFirst],
      ...(asksNothing(question) ? [] : [["added:desc", words.newestFirst]]),
      ["added:asc", words.oldestFirst],
      ...times.map(({ field, label }) => [`${field}:desc`, `${label}: ${words.lateFirst}`]),
      ...times.map(({ field, label }) => [`${field}:asc`, `${label}: ${words.earlyFirst}`]),
    ];
    const options = orders.map(([value, text]) => h("option", { value, selected: value === question.sort }, text));
    order.replaceChildren(...options);
    order.classList.toggle("chosen", Boolean(question.sort));
  }

  return {
    element,
    /** Shows what a question has chosen. */
    show(asked) {
      question = asked;
      for (const menu of menus) menu.show();
      clear.hidden = !isNarrowed(question);
      offerOrders();
    },
    /** Learns from posts which fields there are. */
    learn(posts) {
      for (const { captions, tags, attrs } of posts) {
        if (tags?.length) known.add("tags");
        if (captions?.some(({ author }) => author)) known.add("authors");
        for (const name of Object.keys(attrs ?? {})) known.add(`attrs.${name}`);
      }
      for (const menu of menus) menu.show();
      offerOrders();
    },
  };
}
