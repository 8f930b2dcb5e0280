/** Who is at the desk: a session that a key opened, or the machine that the service runs on. */

import { h } from "./dom.js";

const NAME = "photosense-desk-name";
const SIGNED_IN = "photosense-desk-signed-in";

/** The scopes that hold for whoever opened the page; null where the service wants a key first. */
export async function openSession(client) {
  try {
    return opened(client, await client.get("v1/session"));
  } catch (refusal) {
    if (refusal.status === 401) return null;
    throw refusal;
  }
}

export async function signOut(client) {
  await client.delete("v1/session").catch(() => null);
  client.credentials = {};
}

/** Whether a key was given, which may be put away again: on the service's own machine none is needed. */
export function isSignedIn() {
  return localStorage.getItem(SIGNED_IN) !== null;
}

export function rememberSession(isOpen) {
  if (isOpen) localStorage.setItem(SIGNED_IN, "yes");
  else localStorage.removeItem(SIGNED_IN);
}

/** Every write carries the word of the session: a page that is not ours does not know it. */
function opened(client, { scopes, token }) {
  client.credentials = token ? { "X-Desk-Token": token } : {};
  return scopes;
}

/** The identifier under which decisions go into the record; the browser remembers it. */
export function deciderName() {
  return localStorage.getItem(NAME) ?? "";
}

/** The form that asks for a key, and calls back with the scopes that it opens. */
export function signInForm(client, words, enter) {
  const fault = h("p", { class: "fault", role: "alert" });
  const key = h("input", { type: "password", name: "key", autocomplete: "current-password", required: true });
  const sign = async (event) => {
    event.preventDefault();
    try {
      enter(opened(client, await client.post("v1/session", { key: key.value })));
    } catch (refusal) {
      fault.textContent = refusal.status === 401 || refusal.status === 403 ? words.wrongKey : words.sentence(refusal);
    }
  };
  return h(
    "form",
    { class: "sign-in", onsubmit: sign },
    h("h1", {}, words.signInTitle),
    h("p", { class: "muted" }, words.signInLead),
    h("label", {}, words.key, key),
    fault,
    h("button", { type: "submit", class: "main" }, words.signIn),
  );
}

/** The field in which whoever decides names themselves. */
export function nameField(words) {
  const field = h("input", {
    id: "decider",
    value: deciderName(),
    placeholder: "moderator-7",
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,99}",
    autocomplete: "off",
    spellcheck: "false",
    title: words.deciderHint,
  });
  field.addEventListener("input", () => {
    if (field.checkValidity()) localStorage.setItem(NAME, field.value.trim());
  });
  return h("label", { class: "decider" }, h("span", {}, words.decider), field);
}
