/** A client of the photosense search service for browsers: one module, no dependency. photosense.d.ts has its types. */

const TOKEN_REFUSED = "token_refused";

/** No answer, or one that is a problem: `status` is 0 when none came, `code` is for programs, the message for people. */
export class PhotosenseError extends Error {
  constructor(sentence, { status = 0, code = "silent", retryAfter = null } = {}) {
    super(sentence ?? "");
    this.name = "PhotosenseError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * The service at an address.
 *
 * `token` is a visitor's token as the site's backend had it from `POST /v1/tokens`, or a function that fetches one: it is
 * called before the first question, and again when the token is over. `country` is believed from the site's backend alone,
 * `lang` is the language of the sentences.
 */
export class Photosense {
  #endpoint;
  #country;
  #lang;
  #source;
  #token = null;

  constructor(endpoint, { token = null, country, lang } = {}) {
    const address = new URL(endpoint, globalThis.document?.baseURI);
    if (!address.pathname.endsWith("/")) address.pathname += "/";
    this.#endpoint = address.href;
    this.#country = country || undefined;
    this.#lang = lang || undefined;
    this.#source = token;
  }

  /** The address of the service, which ends on a slash. */
  get endpoint() {
    return this.#endpoint;
  }

  /** Hits for `text`, a `photo` (a Blob), or both; without either, what passes the filter, the newest first. */
  async search({ photo, ...fields } = {}, { signal } = {}) {
    const body = { country: this.#country, ...fields };
    const sent = photo ? { body: asForm(photo, body) } : asJson(body);
    return this.#shown(await this.#ask("v1/search", {}, { method: "POST", signal, ...sent }, "hits"));
  }

  /** The pages of a search, one after the other, to the last. */
  async *pages(question = {}, options = {}) {
    let page = { more: true, cursor: question.cursor };
    while (page.more && page.cursor !== null) {
      page = await this.search({ ...question, cursor: page.cursor }, options);
      yield page;
    }
  }

  /** An answer for each of up to ten searches by text, in order, or the problem with it: `{answer}` or `{problem}`. */
  async multiSearch(searches, { signal } = {}) {
    const sent = asJson({ searches, country: this.#country });
    const { answers } = await this.#ask("v1/multi-search", {}, { method: "POST", signal, ...sent }, "answers");
    return answers.map((one) => (one.answer ? { answer: this.#shown(one.answer) } : one));
  }

  /** Posts similar to one; the service knows no cursor here, so pages are counted. */
  async similar(id, { limit, offset, signal } = {}) {
    const address = `v1/posts/${asPath(id)}/similar`;
    return this.#shown(await this.#ask(address, { limit, offset, country: this.#country }, { signal }, "hits"));
  }

  /** How the word that is being typed may go on, as a list of `{text, kind}`. */
  async suggest(text, { limit, signal } = {}) {
    const parameters = { q: text, limit, country: this.#country };
    return (await this.#ask("v1/suggest", parameters, { signal }, "suggestions")).suggestions;
  }

  /** Keywords and hashtags for `text`, a `photo` (a Blob), or both. */
  async annotate({ photo, ...fields }, { signal } = {}) {
    const body = { country: this.#country, ...fields };
    const sent = photo ? { body: asForm(photo, body) } : asJson(body);
    return this.#ask("v1/annotate", {}, { method: "POST", signal, ...sent }, "keywords");
  }

  /** How likely `text`, a `photo` (a Blob), or both are of each class of a `modality` of the site's, such as album. */
  async classify({ photo, ...fields }, { signal } = {}) {
    const body = { country: this.#country, ...fields };
    const sent = photo ? { body: asForm(photo, body) } : asJson(body);
    return this.#ask("v1/classify", {}, { method: "POST", signal, ...sent }, "classes");
  }

  /** Says what the visitor did with a hit, or thinks of it: `{text, post_id, reaction, rank}`, `click`, `good` or `bad`. */
  async feedback(said, { signal } = {}) {
    const sent = asJson({ country: this.#country, ...said });
    await this.#ask("v1/feedback", {}, { method: "POST", signal, keepalive: true, ...sent }, "status");
  }

  /** The topics of the model, the largest first, as far as the law lets them be named. */
  async topics({ signal } = {}) {
    return (await this.#ask("v1/topics", { country: this.#country }, { signal }, "topics")).topics;
  }

  /** One post: `{id, version, post}`. */
  async post(id, { signal } = {}) {
    const parameters = { country: this.#country };
    return this.#located(await this.#ask(`v1/posts/${asPath(id)}`, parameters, { signal }, "post"));
  }

  /** How many posts the visitor may see, and which model answers. */
  async status({ signal } = {}) {
    return this.#ask("v1/status", {}, { signal }, "posts");
  }

  #shown(answer) {
    return { ...answer, hits: answer.hits.map((hit) => this.#located(hit)) };
  }

  /* With whole addresses of its photo, which the service gives below its own. */
  #located(hit) {
    const photo = hit.post?.photo;
    if (!photo) return hit;
    const at = (address) => new URL(address.replace(/^\/+/, ""), this.#endpoint).href;
    return { ...hit, post: { ...hit.post, photo: { small: at(photo.small), large: at(photo.large) } } };
  }

  async #ask(path, parameters, request, expected) {
    const address = new URL(path, this.#endpoint);
    for (const [name, value] of Object.entries(parameters)) if (value) address.searchParams.set(name, String(value));
    const token = this.#tokenNow();
    try {
      return await this.#exchange(address, request, await token, expected);
    } catch (error) {
      if (error.code !== TOKEN_REFUSED || typeof this.#source !== "function") throw error;
      return this.#exchange(address, request, await this.#tokenAfter(token), expected);
    }
  }

  async #exchange(address, request, token, expected) {
    const { signal } = request;
    const headers = { ...request.headers, ...(this.#lang && { "Accept-Language": this.#lang }) };
    if (token) headers.Authorization = `Bearer ${token}`;
    let response;
    try {
      response = await fetch(address, { ...request, headers });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new PhotosenseError(null);
    }
    const body = await response.json().catch((error) => {
      if (signal?.aborted) throw error;
      return null;
    });
    const { status } = response;
    if (!response.ok) {
      const retryAfter = Number(response.headers.get("Retry-After")) || null;
      const code = body?.code ?? `http-${status}`;
      throw new PhotosenseError(body?.detail ?? body?.title, { status, code, retryAfter });
    }
    if (body?.[expected] === undefined) throw new PhotosenseError(null, { status, code: "strange" });
    return body;
  }

  /* A promise, so that questions that are asked together wait for one token. */
  #tokenNow() {
    if (typeof this.#source !== "function") return this.#source;
    return (this.#token ??= this.#fetched());
  }

  #tokenAfter(refused) {
    if (this.#token === refused) this.#token = this.#fetched();
    return this.#token;
  }

  #fetched() {
    const token = (async () => this.#source())().then((text) => {
      if (typeof text === "string" && text) return text;
      throw new PhotosenseError(null, { code: "no_token" });
    });
    const failed = (error) => {
      if (this.#token === fetched) this.#token = null; // the next question tries again
      throw error instanceof PhotosenseError ? error : new PhotosenseError(String(error?.message ?? ""), { code: "no_token" });
    };
    const fetched = token.catch(failed);
    return fetched;
  }
}

/** A function that fetches a token from an address of the site's own, which answers `{"token": "..."}`. */
export function tokensFrom(address) {
  return async () => {
    const response = await fetch(address, { cache: "no-store", headers: { Accept: "application/json" } });
    return response.ok ? (await response.json()).token : null;
  };
}

/* Dots alone would be steps in the path. */
function asPath(id) {
  const name = encodeURIComponent(id);
  return /^\.{1,2}$/.test(name) ? name.replaceAll(".", "%2E") : name;
}

function asJson(fields) {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) };
}

function asForm(photo, fields) {
  const form = new FormData();
  form.append("photo", photo, photo.name ?? "photo");
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      form.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
    }
  }
  return form;
}
