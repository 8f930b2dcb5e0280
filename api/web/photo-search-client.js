/** Speaks to the service: one question in, one answer or one ServiceError out. */

const MOST_HITS_AT_ONCE = 100;
const LAST_OFFSET = 1000;

/** A refusal or a breakdown of the service, with the sentence for people when the service gave one. */
export class ServiceError extends Error {
  constructor(sentence, { status = 0, code = "silent" } = {}) {
    super(sentence ?? "");
    this.name = "ServiceError";
    this.status = status;
    this.code = code;
  }
}

/** The hits for words, a photo, or both. */
export async function askSearch(endpoint, { photo, ...fields }, signal) {
  const answer = await ask(new URL("v1/search", endpoint), {
    method: "POST",
    signal,
    ...(photo ? { body: asForm(photo, fields) } : asJson(fields)),
  });
  const more = answer.more && (fields.offset ?? 0) + fields.limit <= LAST_OFFSET;
  return { ...answer, hits: answer.hits.map((hit) => located(hit, endpoint)), more };
}

/** The posts similar to one post; the service knows no offset here, so a later page asks for a longer list. */
export async function askSimilar(endpoint, id, { country, limit, offset = 0 }, signal) {
  const length = Math.min(offset + limit, MOST_HITS_AT_ONCE);
  const address = new URL(`v1/posts/${encodeURIComponent(id)}/similar`, endpoint);
  address.searchParams.set("limit", String(length));
  if (country) address.searchParams.set("country", country);
  const answer = await ask(address, { signal });
  const hits = answer.hits.slice(offset).map((hit) => located(hit, endpoint));
  return { ...answer, hits, more: answer.more && length < MOST_HITS_AT_ONCE };
}

/** The hit with whole addresses of its photo, which the service gives below its own. */
function located(hit, endpoint) {
  const photo = hit.post?.photo;
  if (!photo) return hit;
  const at = (address) => new URL(address.replace(/^\/+/, ""), endpoint).href;
  return { ...hit, post: { ...hit.post, photo: { small: at(photo.small), large: at(photo.large) } } };
}

function asJson(fields) {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) };
}

function asForm(photo, fields) {
  const form = new FormData();
  form.append("photo", photo.blob, photo.name);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    form.append(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return form;
}

async function ask(address, request) {
  let response;
  try {
    response = await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new ServiceError(null);
  }
  const body = await response.json().catch((error) => {
    if (request.signal?.aborted) throw error;
    return null;
  });
  const { status } = response;
  const code = body?.code ?? `http-${status}`;
  if (!response.ok) throw new ServiceError(body?.detail ?? body?.title, { status, code });
  if (!Array.isArray(body?.hits)) throw new ServiceError(null, { status, code: "strange" });
  return body;
}
