/** Sends posts in batches, tells of each what became of it, and waits where the service is busy. */

const MOST_LINES = 200;
const MOST_LETTERS = 4_000_000;
const PATIENCE = 5; // times that a batch is sent again
const PAUSE_MS = 3000;
const LONGEST_PAUSE_MS = 60_000;
const PASSING = new Set([0, 429, 502, 503, 504]); // nobody answered, or whoever did was busy, or a proxy met nobody

export class Sender {
  #client;
  #isStopped = false;

  constructor(client) {
    this.#client = client;
  }

  stop() {
    this.#isStopped = true;
  }

  /** Takes posts (`{number, json}` or a fault) from a source; calls back with each of them and its result. */
  async send(posts, settled) {
    let batch = [];
    let letters = 0;
    for await (const post of posts) {
      if (this.#isStopped) return;
      if (post.fault) {
        settled(post, { status: "rejected", reason: post.fault, id: null });
        continue;
      }
      batch.push(post);
      letters += post.json.length;
      if (batch.length < MOST_LINES && letters < MOST_LETTERS) continue;
      await this.#sendBatch(batch, settled);
      [batch, letters] = [[], 0];
    }
    if (batch.length && !this.#isStopped) await this.#sendBatch(batch, settled);
  }

  async #sendBatch(batch, settled) {
    let left = batch;
    for (let turn = 0; left.length; turn += 1) {
      const { results, problem } = await this.#once(left);
      const again = [];
      for (const [place, post] of left.entries()) {
        const result = results[place];
        const mayGoAgain = (!result || result.reason === "store_down") && turn < PATIENCE && !this.#isStopped;
        if (mayGoAgain) again.push(post);
        else settled(post, result ?? { status: "failed", reason: problem?.code ?? "silent", id: null });
      }
      left = again;
      const pause = Math.min(Math.max(PAUSE_MS, 1000 * (problem?.seconds ?? 0)), LONGEST_PAUSE_MS);
      if (left.length) await new Promise((resume) => setTimeout(resume, pause));
    }
  }

  async #once(batch) {
    // A line feed within a post would make two lines of it.
    const body = batch.map(({ json }) => json.replaceAll("\n", " ")).join("\n");
    try {
      return { results: await this.#client.lines("v1/posts:bulk", body) };
    } catch (problem) {
      if (!PASSING.has(problem.status)) throw problem;
      return { results: [], problem };
    }
  }
}
