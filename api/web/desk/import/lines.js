/** Lines of a file, while it is read: numbered, and a long file takes no more memory than a short one. */

/** Gives each line of text with its number; where it ends is told in bytes that were read, for the progress. */
export async function* linesOf(file) {
  const reader = file.stream().pipeThrough(new TextDecoderStream("utf-8", { fatal: false })).getReader();
  let rest = "";
  let number = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += value;
    let start = 0;
    for (let end = rest.indexOf("\n", start); end >= 0; end = rest.indexOf("\n", start)) {
      number += 1;
      yield { number, text: rest.slice(start, end) };
      start = end + 1;
    }
    rest = rest.slice(start);
  }
  if (rest) yield { number: number + 1, text: rest };
}

/** Posts of NDJSON: a line each, as it stands; the service says what is wrong with one. */
export async function* postsOfLines(file) {
  for await (const { number, text } of linesOf(file)) if (text.trim()) yield { number, json: text.trim() };
}
