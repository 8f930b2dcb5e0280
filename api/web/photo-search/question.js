/** A question as plain values, which history, an address and the service understand; its photo travels beside it. */

/**
 * A question that asks for nothing: the newest posts. `photo` says whether there is one, `similar` is `{id, label}`,
 * `only` the values that are chosen of each field, `when` is `{field, from, to}` in days, both included, `sort` as the
 * service has it, `steer` topics to have more or less of: `{topic, words, less}`.
 */
export const EMPTY = Object.freeze({
  text: "", photo: false, similar: null, only: {}, when: null, sort: "", steer: [],
});

/** Whether nothing is looked for; a filter or an order alone looks for nothing. */
export function asksNothing({ text, photo, similar, steer }) {
  return !text && !photo && !similar && !steer?.length;
}

/** Whether anything is chosen among the posts that are looked for. */
export function isNarrowed({ only, when }) {
  return Boolean(when) || Object.keys(only).length > 0;
}

/** Whether two questions ask for the same. */
export function sameQuestion(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The question with other values chosen of a field. */
export function choosing(question, field, values) {
  const { [field]: _, ...others } = question.only;
  return { ...question, only: values.length ? { ...others, [field]: values } : others };
}

/** The question with more or less of a topic, or, where it has that already, without. */
export function steering(question, { topic, words }, less) {
  const others = question.steer.filter((one) => one.topic !== topic);
  const had = question.steer.some((one) => one.topic === topic && one.less === less);
  return { ...question, steer: had ? others : [...others, { topic, words, less }] };
}

/** The fields of a search; a question for similar posts alone has an address of its own. */
export function bodyOf({ text, similar, only, when, sort, steer }) {
  const tests = Object.entries(only).map(([field, values]) => ({ field, any_of: values }));
  const days = when && { ...(when.from && { from: when.from }), ...(when.to && { below: dayAfter(when.to) }) };
  if (days) tests.push({ field: when.field, ...days });
  const filter = tests.length > 1 ? { and: tests } : tests[0];
  const topics = (less) => {
    const numbers = steer.filter((one) => one.less === less).map(({ topic }) => topic);
    return numbers.length ? numbers : undefined;
  };
  return {
    text: (!similar && text) || undefined, like: similar ? [similar.id] : undefined,
    filter, sort: sort || undefined, more_of: topics(false), less_of: topics(true),
  };
}

function dayAfter(day) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
