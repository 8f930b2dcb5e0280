/** A question as plain values, which history, an address and the service understand; its photo travels beside it. */

/** A question that asks for nothing: the newest posts. `similar` is `{id, label}`, `photo` whether there is one. */
export const EMPTY = Object.freeze({ text: "", photo: false, similar: null });

/** Whether nothing is looked for. */
export function asksNothing({ text, photo, similar }) {
  return !text && !photo && !similar;
}

/** Whether two questions ask for the same. */
export function sameQuestion(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The fields of a search; a question for similar posts has an address of its own. */
export function bodyOf({ text }) {
  return { text: text || undefined };
}
