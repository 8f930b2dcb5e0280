/** Lines of a file, while it is read: numbered, and a long file takes no more memory than a short one. */

const LINE_FEED = 10;

/** Gives each line of text with its number; its text is null where its bytes are no UTF-8, as of another code page. */
export async function* linesOf(file) {
  const reader = file.stream().getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let begun = []; // of the line that the next piece goes on with
  let number = 0;
  const line = (last) => {
    const bytes = begun.length ? joined([...begun, last]) : last;
    begun = [];
    number += 1;
    try {
      return { number, text: decoder.decode(bytes) };
    } catch {
      return { number, text: null };
    }
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    let start = 0;
    for (let end = value.indexOf(LINE_FEED); end >= 0; end = value.indexOf(LINE_FEED, start)) {
      yield line(value.subarray(start, end));
      start = end + 1;
    }
    if (start < value.length) begun.push(value.subarray(start));
  }
  if (begun.length) yield line(new Uint8Array());
}

function joined(pieces) {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    bytes.set(piece, place);
    place += piece.length;
  }
  return bytes;
}

/** Posts of NDJSON: a line each, as it stands; the service says what is wrong with one. */
export async function* postsOfLines(file) {
  for await (const { number, text } of linesOf(file)) {
    if (text === null) yield { number, fault: "broken_json" };
    else if (text.trim()) yield { number, json: text.trim() };
  }
}
