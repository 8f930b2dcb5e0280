/** Builds elements without ever parsing markup, so that words of strangers stay words. */

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16.2 16.2 21 21",
  photo:
    "M4 6.5h3.5L9 4.5h6l1.5 2H20a1 1 0 0 1 1 1V18a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7.5a1 1 0 0 1 1-1" +
    "M12 9a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7",
  close: "M6 6l12 12M18 6 6 18",
  similar: "M9 9h11v11H9zM15 9V4H4v11h5",
  back: "M10 6l-6 6 6 6M4 12h16",
  previous: "M14.5 5l-7 7 7 7",
  next: "M9.5 5l7 7-7 7",
  outside: "M13 4h7v7M20 4l-9 9M10 6H5v13h13v-5",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3",
  text: "M4 6h16M4 12h16M4 18h10",
  down: "M7 10l5 5 5-5",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5l3 2",
  tag: "M9 4 7 20M17 4l-2 16M4 9h16M3.5 15h16",
  plus: "M12 6v12M6 12h12",
  minus: "M6 12h12",
};

/** An element with its attributes, `on…` listeners and children; strings become text nodes. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A line drawing that is only decoration: whoever shows it also says it in words. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "icon");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", SHAPES[name]);
  drawing.append(line);
  return drawing;
}

/** A round button that shows an icon and says a word. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", title: label, "aria-label": label, onclick, ...attributes }, icon(name));
}

/** The address as http(s), or null: a crawled link may say `javascript:`. */
export function webAddress(address, base) {
  if (!address) return null;
  try {
    const url = new URL(address, base);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** The language of a sentence that the law has, for those who hear it. */
export function langOf(sentence) {
  return /[а-яё]/i.test(sentence) ? "ru" : "en";
}

/** Sets numbers for the stylesheet through the CSSOM, because a strict policy forbids style attributes. */
export function measured(element, numbers) {
  for (const [name, value] of Object.entries(numbers)) element.style.setProperty(`--${name}`, String(value));
  return element;
}
