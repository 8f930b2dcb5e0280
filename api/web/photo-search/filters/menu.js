/** A chip that opens a panel below it: the browser's own popover, which Esc and a click elsewhere close. */

import { h, icon, measured } from "../dom.js";

const EDGE = 8; // pixels between a panel and the edge of the window

/** Builds `{chip, panel}`; `opened()` fills the panel whenever it opens. */
export function createMenu(label, opened) {
  const name = h("span", {}, label);
  const chip = h("button",
    { class: "chip", part: "filter", type: "button", "aria-expanded": "false", onclick: () => panel.togglePopover() },
    name, icon("down"));
  const panel = h("div", { class: "menu", part: "menu", popover: "auto", role: "group", "aria-label": label });
  panel.addEventListener("beforetoggle", ({ newState }) => newState === "open" && opened());
  panel.addEventListener("toggle", ({ newState }) => {
    chip.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    place();
    panel.querySelector("input, button")?.focus({ preventScroll: true });
  });

  function place() {
    const { left, bottom } = chip.getBoundingClientRect();
    const most = document.documentElement.clientWidth - panel.offsetWidth - EDGE;
    measured(panel, { left: `${Math.max(EDGE, Math.min(left, most)) + scrollX}px`, top: `${bottom + 6 + scrollY}px` });
  }

  return {
    chip,
    panel,
    /** Shows what is chosen in place of the name of the field. */
    choose(text) {
      name.replaceChildren(text || label);
      chip.classList.toggle("chosen", Boolean(text));
      chip.setAttribute("aria-label", text ? `${label}: ${text}` : label);
    },
  };
}
