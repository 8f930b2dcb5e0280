/** The search box: words, a photo, and the balance between them when both are there. */

import { h, icon } from "../dom.js";
import { createSuggestions } from "./suggestions.js";
import { isPicture, pictureIn } from "./photo.js";

const BALANCED = 50;
const PHONE = "(max-width: 600px)"; // its box is short, and nothing is dropped into it

/**
 * Builds the box; `actions` are called with what the visitor did: `typed()`, `asked()`, `gave(file)`, `refused()`,
 * `removed()` and `leaned()`; those of the suggestions are among them.
 */
export function createBox(words, actions) {
  const placeholder = matchMedia(PHONE).matches ? words.shortPlaceholder : words.placeholder;
  const input = h("input", {
    type: "search", part: "input", maxlength: 2000, autocomplete: "off", enterkeyhint: "search",
    placeholder, "aria-label": words.label,
    oninput: (event) => event.isComposing || actions.typed(),
    oncompositionend: () => actions.typed(),
  });
  const suggestions = createSuggestions(input, words, { ...actions, choose: (text) => {
    input.value = text;
    actions.asked();
  } });
  const picker = h("input", {
    type: "file", accept: "image/*", hidden: true,
    onchange: () => {
      take(picker.files[0]);
      picker.value = "";
    },
  });
  const pick = h(
    "button",
    { type: "button", class: "round", part: "photo-button", title: words.addPhoto, "aria-label": words.addPhoto,
      onclick: () => picker.click() },
    icon("photo"),
  );
  const remove = h(
    "button",
    { type: "button", class: "remove", title: words.removePhoto, "aria-label": words.removePhoto,
      onclick: () => {
        actions.removed();
        input.focus();
      } },
    icon("close"),
  );
  const preview = h("div",
    { class: "preview", part: "preview", role: "group", "aria-label": words.yourPhoto, hidden: true });
  const slider = h("input", {
    type: "range", min: 0, max: 100, step: 5, value: BALANCED,
    "aria-label": `${words.leaning}: ${words.towardsText} – ${words.towardsPhoto}`,
    oninput: () => actions.leaned(),
  });
  const balance = h("label", { class: "balance", part: "balance", hidden: true },
    h("span", {}, words.towardsText), slider, h("span", {}, words.towardsPhoto));
  const go = h("button", { class: "round go", part: "submit", title: words.search, "aria-label": words.search },
    icon("search"));
  const form = h(
    "form",
    { class: "box", part: "box", role: "search", "data-drop": words.dropHere,
      onsubmit: (event) => {
        event.preventDefault();
        suggestions.close();
        actions.asked();
      },
      onpaste: (event) => {
        const picture = pictureIn(event.clipboardData);
        if (!picture) return;
        event.preventDefault();
        actions.gave(picture);
      },
      ondragover: (event) => {
        if (!event.dataTransfer.types.includes("Files")) return; // dragged words are the browser's business
        event.preventDefault();
        form.classList.add("dropping");
      },
      ondragleave: (event) => form.contains(event.relatedTarget) || form.classList.remove("dropping"),
      ondrop: (event) => {
        const file = event.dataTransfer.files[0];
        form.classList.remove("dropping");
        if (!file) return;
        event.preventDefault();
        take(pictureIn(event.dataTransfer) ?? file);
      } },
    h("div", { class: "line" }, preview, input, picker, pick, go),
    balance,
    suggestions.element,
  );

  function take(file) {
    if (!file) return;
    if (isPicture(file)) actions.gave(file);
    else actions.refused();
  }

  return {
    element: form,
    get text() {
      return input.value.trim();
    },
    set text(text) {
      input.value = text;
    },
    /** Weights of the modalities, or undefined in the middle, where the service's own hold. */
    get weights() {
      const photo = slider.valueAsNumber / BALANCED;
      if (balance.hidden || photo === 1) return undefined;
      return { text: 2 - photo, tag: 2 - photo, image: photo };
    },
    get leaning() {
      return slider.value;
    },
    set leaning(value) {
      slider.value = value;
    },
    /** Shows which photo is in the box, and whether there is something to balance. */
    show(photo) {
      preview.hidden = !photo;
      preview.replaceChildren(...(photo ? [photo.preview ?? icon("photo"), remove] : []));
      input.placeholder = photo ? words.alsoPlaceholder : placeholder;
      balance.hidden = !photo || !this.text;
    },
    focus: (options) => input.focus(options),
  };
}
