/** Who is at the desk: a session that a key opened, or the machine that the service runs on. */

import { Refusal } from "./client.js";
import { h } from "./dom.js";

const NAME = "photosense-desk-name";
const EVERYTHING = ["review", "takedown", "ingest", "admin"];

/** The scopes that hold for whoever opened the page; null where the service wants a key first. */
export async function openSession(client) {
  try {
    const { scopes, token } = await client.get("v1/session");
    client.credentials = token ? { "X-Desk-Token": token } : {};
    return scopes;
  } catch (refusal) {
    if (refusal.status === 401) return null;
    if (refusal.status !== 404) throw refusal;
    return (await mayRead(client)) ? EVERYTHING : null;
  }
}

/** Opens a session with a key. */
export async function signIn(client, key) {
  try {
    const { scopes, token } = await client.post("v1/session", { key });
    client.credentials = { "X-Desk-Token": token };
    return scopes;
  } catch (refusal) {
    if (refusal.status !== 404 && refusal.status !== 405) throw refusal;
    client.credentials = { Authorization: `Bearer ${key}` };
    if (await mayRead(client)) return EVERYTHING;
    client.credentials = {};
    throw new Refusal(null, 401);
  }
}

export async function signOut(client) {
  await client.delete("v1/session").catch(() => null);
  client.credentials = {};
}

async function mayRead(client) {
  try {
    await client.get("v1/review", { limit: 1 });
    return true;
  } catch (refusal) {
    if (refusal.status === 401) return false;
    throw refusal;
  }
}

/** The identifier under which decisions go into the record; the browser remembers it. */
export function deciderName() {
  return localStorage.getItem(NAME) ?? "";
}

/** The form that asks for a key, and calls back with the scopes that it opens. */
export function signInForm(client, words, opened) {
  const fault = h("p", { class: "fault", role: "alert" });
  const key = h("input", { type: "password", name: "key", autocomplete: "current-password", required: true });
  const enter = async (event) => {
    event.preventDefault();
    try {
      opened(await signIn(client, key.value));
    } catch (refusal) {
      fault.textContent = refusal.status === 401 || refusal.status === 403 ? words.wrongKey : words.sentence(refusal);
    }
  };
  return h(
    "form",
    { class: "sign-in", onsubmit: enter },
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
