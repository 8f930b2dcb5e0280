/** Builds elements without ever parsing markup, so that words of strangers stay words. */

/** An element with its attributes, `on…` listeners and children; strings become text nodes. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The address as http(s), or null: a crawled link may say `javascript:`. */
export function webAddress(address) {
  if (!address) return null;
  try {
    const url = new URL(address, document.baseURI);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Says something to whoever listens to the page, and in its corner to whoever looks at it. */
export function announce(sentence) {
  const place = document.querySelector("#said");
  place.textContent = sentence;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => (place.textContent = ""), 6000);
}

/** A dialog that goes when it is closed; gives the element, open. */
export function openDialog(title, close, ...content) {
  const dialog = h(
    "dialog",
    { "aria-label": title },
    h("div", { class: "head" }, h("h2", {}, title), h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, close)),
    ...content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
