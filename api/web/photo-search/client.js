/** Speaks to the service: one question in, one answer or one ServiceError out. */

/** A refusal or a breakdown of the service, with the sentence for people when the service gave one. */
export class ServiceError extends Error {
  constructor(sentence, { status = 0, code = "silent" } = {}) {
    super(sentence ?? "");
    this.name = "ServiceError";
    this.status = status;
    this.code = code;
  }
}

/** The service at an address, for visitors of one country where the page may say so, who read a language. */
export class Client {
  constructor(endpoint, country, lang) {
    this.endpoint = endpoint;
    this.country = country || undefined;
    this.lang = lang;
  }

  /** The hits for words, a photo, or both, or the newest posts where nothing is asked for. */
  async search({ photo, ...fields }, signal) {
    const body = { ...fields, country: this.country };
    const sent = photo ? { body: asForm(photo, body) } : asJson(body);
    return this.#shown(await this.#ask("v1/search", {}, { method: "POST", signal, ...sent }, "hits"));
  }

  /** The posts similar to one post; the service knows no cursor here, so pages are counted. */
  async similar(id, { limit, offset }, signal) {
    const address = `v1/posts/${encodeURIComponent(id)}/similar`;
    return this.#shown(await this.#ask(address, { limit, offset, country: this.country }, { signal }, "hits"));
  }

  /** How a question may go on, as texts. */
  async suggest(text, signal) {
    const answer = await this.#ask("v1/suggest", { q: text, country: this.country }, { signal }, "suggestions");
    return answer.suggestions;
  }

  /** The topics of the model, the largest first, as far as the law lets them be named. */
  async topics(signal) {
    return (await this.#ask("v1/topics", { country: this.country }, { signal }, "topics")).topics;
  }

  /** One post, as a hit that nobody looked for. */
  async post(id, signal) {
    const answer = await this.#ask(`v1/posts/${encodeURIComponent(id)}`, { country: this.country }, { signal }, "post");
    return this.#located({ match: null, why: [], words: [], highlights: [], ...answer });
  }

  #shown(answer) {
    return { ...answer, hits: answer.hits.map((hit) => this.#located(hit)) };
  }

  /** The hit with whole addresses of its photo, which the service gives below its own. */
  #located(hit) {
    const photo = hit.post?.photo;
    if (!photo) return hit;
    const at = (address) => new URL(address.replace(/^\/+/, ""), this.endpoint).href;
    return { ...hit, post: { ...hit.post, photo: { small: at(photo.small), large: at(photo.large) } } };
  }

  async #ask(path, parameters, request, expected) {
    const address = new URL(path, this.endpoint);
    for (const [name, value] of Object.entries(parameters)) if (value) address.searchParams.set(name, String(value));
    const { signal } = request;
    let response;
    try {
      response = await fetch(address, { ...request, headers: { ...request.headers, "Accept-Language": this.lang } });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ServiceError(null);
    }
    const body = await response.json().catch((error) => {
      if (signal?.aborted) throw error;
      return null;
    });
    const { status } = response;
    const code = body?.code ?? `http-${status}`;
    if (!response.ok) throw new ServiceError(body?.detail ?? body?.title, { status, code });
    if (typeof body?.[expected] !== "object") throw new ServiceError(null, { status, code: "strange" });
    return body;
  }
}

function asJson(fields) {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) };
}

function asForm(photo, fields) {
  const form = new FormData();
  form.append("photo", photo.blob, photo.name);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      form.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
    }
  }
  return form;
}
