/** Sends decisions one after the other, those that gathered meanwhile together, and remembers them for their undoing. */

const MOST_AT_ONCE = 500;

export class Decisions {
  #client;
  #waiting = [];
  #isSending = false;
  #done = []; // posts that were decided here, the latest last
  #revisions = new Map(); // of each post as it was seen here, or decided

  constructor(client) {
    this.#client = client;
  }

  /** Decides on posts, each with its id and the revision that was seen; a promise of the result for each of them. */
  decide(posts, child, by, consent = null) {
    for (const { id, revision } of posts) this.#revisions.set(id, revision);
    const decision = { child, ...(consent ? { consent } : {}) };
    this.#done.push(posts.map(({ id }) => id));
    return posts.map(({ id }) => this.#add({ id, by, decision: { id, ...decision } }));
  }

  /** Takes back what was decided last, one post or several together; an empty list where there is nothing. */
  undo(by) {
    const posts = this.#done.pop() ?? [];
    return posts.map((id) => [id, this.#add({ id, by, decision: null })]);
  }

  /** Takes one post's decision back. */
  undoOne(id, by) {
    this.#done = this.#done.map((posts) => posts.filter((post) => post !== id)).filter((posts) => posts.length);
    return this.#add({ id, by, decision: null });
  }

  #add(act) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...act, resolve, reject });
      this.#send();
    });
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#waiting.length) await this.#sendOne(this.#batch());
    this.#isSending = false;
  }

  /** What may go in one request: each post once, and all by the same person. */
  #batch() {
    const names = new Set();
    const [{ by }] = this.#waiting;
    let length = 0;
    for (const act of this.#waiting) {
      if (names.has(act.id) || act.by !== by || length === MOST_AT_ONCE) break;
      names.add(act.id);
      length += 1;
    }
    return this.#waiting.splice(0, length);
  }

  async #sendOne(acts) {
    const seen = ({ id }) => (this.#revisions.get(id) ? { revision: this.#revisions.get(id) } : null);
    const decisions = acts.filter((act) => act.decision).map((act) => ({ ...act.decision, ...seen(act) }));
    const undo = acts.filter((act) => !act.decision).map((act) => (seen(act) ? { id: act.id, ...seen(act) } : act.id));
    try {
      const { posts } = await this.#client.post("v1/review", { by: acts[0].by, decisions, undo });
      const results = new Map(posts.map((result) => [result.id, result]));
      for (const { id, revision } of posts) if (revision) this.#revisions.set(id, revision);
      for (const act of acts) act.resolve(results.get(act.id));
    } catch (refusal) {
      for (const act of acts) act.reject(refusal);
    }
  }
}
