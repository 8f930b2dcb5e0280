/** Questions that were asked in this browser, the last one first; they never leave it. */

const NAME = "photo-search.recent";
const MOST = 6;

/** The texts, the last one first. */
export function recentTexts() {
  try {
    const texts = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(texts) ? texts.filter((text) => typeof text === "string").slice(0, MOST) : [];
  } catch {
    return []; // a browser that keeps nothing, or what another page has left there
  }
}

/** Remembers a text that was asked and answered. */
export function rememberText(text) {
  write([text, ...recentTexts().filter((other) => other !== text)].slice(0, MOST));
}

/** Forgets all of them. */
export function forgetTexts() {
  write([]);
}

function write(texts) {
  try {
    localStorage.setItem(NAME, JSON.stringify(texts));
  } catch {
    return; // full, or forbidden: the next visit starts without
  }
}
