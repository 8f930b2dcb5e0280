/** What may be asked, in a list below the box: words that go on from what is typed, and questions of before. */

import { h, icon } from "../dom.js";

const PAUSE_MS = 120;

/**
 * Makes a combobox of an input. `actions`: `suggest(text)` gives a promise of `{text, kind}`, `recent()` the questions
 * of before, `choose(text)` asks one of them, `forget()` forgets them. Gives the list, which stands beside the input.
 */
export function createSuggestions(input, words, actions) {
  const list = h("ul",
    { class: "suggestions", part: "suggestions", role: "listbox", id: "suggestions", "aria-label": words.suggestions,
      hidden: true, onmousedown: (event) => event.preventDefault() }); // the box keeps the focus
  input.role = "combobox";
  input.ariaAutoComplete = "list";
  input.ariaExpanded = "false";
  input.setAttribute("aria-controls", "suggestions");
  let options = [];
  let active = -1;
  let timer = 0;
  let turn = 0;

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, PAUSE_MS);
  });
  input.addEventListener("click", () => list.hidden && offer());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "ArrowDown" && list.hidden) offer();
    else if (event.key === "ArrowDown" && options.length) move(1);
    else if (event.key === "ArrowUp" && options.length) move(-1);
    else if (event.key === "Enter" && options[active]) options[active].choose();
    else return;
    event.preventDefault();
  });

  async function offer() {
    const mine = ++turn;
    const text = input.value.trim();
    const found = text ? await actions.suggest(input.value) : [];
    if (mine !== turn) return;
    const same = found.length === 1 && found[0].text === text.toLowerCase();
    if (text) show(same ? [] : found.map((one) => option(one.text, one.kind === "tag" ? "tag" : "search")));
    else {
      const recent = actions.recent().map((one) => option(one, "clock"));
      show(recent.length ? [...recent, { ...option(words.forget, "close"), choose: forget }] : []);
    }
  }

  function option(text, drawing) {
    return { text, drawing, choose: () => {
      close();
      actions.choose(text);
    } };
  }

  function forget() {
    actions.forget();
    close();
  }

  function show(offered) {
    options = offered;
    active = -1;
    list.replaceChildren(...options.map(({ text, drawing }, number) =>
      h("li",
        { role: "option", id: `option-${number}`, "aria-selected": "false", onclick: () => options[number].choose() },
        icon(drawing), h("span", {}, text))));
    list.hidden = !options.length;
    input.ariaExpanded = String(!list.hidden);
    input.removeAttribute("aria-activedescendant");
  }

  /* Beyond the ends stands the box itself, as it was typed. */
  function move(step) {
    const places = options.length + 1;
    active = ((active + 1 + step + places) % places) - 1;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `option-${active}`);
  }

  function close() {
    clearTimeout(timer);
    turn++;
    show([]);
  }

  return { element: list, close };
}
