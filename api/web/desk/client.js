/** Speaks to the service: one request in, one answer or one Refusal out. */

const SERVICE = new URL("../", import.meta.url);

/** What the service refused, or that it did not answer; the message is its sentence, where it gave one. */
export class Refusal extends Error {
  constructor(sentence, status = 0, code = "silent") {
    super(sentence ?? "");
    this.status = status;
    this.code = code;
  }
}

/** Asks the service in the name of whoever is at the desk. */
export class Client {
  /** What a session gives: every write carries its token, or the key where there is no session. */
  credentials = {};

  get(path, fields = {}) {
    const address = located(path);
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null && value !== undefined && value !== "") address.searchParams.set(name, String(value));
    }
    return this.#answer(address, { headers: this.credentials });
  }

  /** A file, as the browser may keep it. */
  async file(path, fields = {}) {
    const address = located(path);
    for (const [name, value] of Object.entries(fields)) if (value) address.searchParams.set(name, value);
    const response = await reach(address, { headers: this.credentials });
    if (response.ok) return response.blob();
    const body = await response.json().catch(() => null);
    throw new Refusal(body?.detail ?? body?.title, response.status, body?.code);
  }

  post(path, body) {
    return this.#send("POST", path, { "Content-Type": "application/json" }, JSON.stringify(body));
  }

  /** Sends lines, and gives what is answered to each. */
  async lines(path, body) {
    const headers = { ...this.credentials, "Content-Type": "application/x-ndjson" };
    const response = await reach(located(path), { method: "POST", headers, body });
    const answer = await response.text().catch(() => {
      throw new Refusal(null); // the service ended while it answered
    });
    if (response.headers.get("Content-Type")?.startsWith("application/x-ndjson")) {
      return answer.split("\n").filter(Boolean).map(JSON.parse);
    }
    const problem = parsed(answer);
    const refusal = new Refusal(problem?.detail ?? problem?.title, response.status, problem?.code ?? "strange");
    refusal.seconds = Number(response.headers.get("Retry-After")) || 0;
    throw refusal;
  }

  postForm(path, form) {
    return this.#send("POST", path, {}, form);
  }

  delete(path) {
    return this.#send("DELETE", path, {}, undefined);
  }

  #send(method, path, headers, body) {
    return this.#answer(located(path), { method, headers: { ...this.credentials, ...headers }, body });
  }

  async #answer(address, request) {
    const response = await reach(address, request);
    const body = await response.json().catch(() => null);
    if (response.status === 401) dispatchEvent(new Event("desk:locked"));
    if (!response.ok) throw new Refusal(body?.detail ?? body?.title, response.status, body?.code);
    if (body === null && response.status !== 204) throw new Refusal(null, response.status, "strange");
    return body;
  }
}

/** What a text says in JSON, or null: a proxy speaks HTML. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The address of something below the service, wherever that is mounted. */
export function located(path) {
  return new URL(path.replace(/^\/+/, ""), SERVICE);
}

async function reach(address, request) {
  try {
    return await fetch(address, { ...request, credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new Refusal(null);
  }
}
