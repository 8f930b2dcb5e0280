/** A question in the address of the page, to be shared and to be read back. */

const NAMES = ["q", "similar", "only", "when", "sort", "more", "less", "post", "photo"];
const DAY = /^\d{4}-\d\d-\d\d$/;

/** The address for a question and the post that is open; what else stands in it (country, language) stays. */
export function addressFor(question, post) {
  const address = new URL(location.href);
  for (const name of NAMES) address.searchParams.delete(name);
  const say = (name, value) => value && address.searchParams.set(name, value);
  say("q", question.text);
  say("similar", question.similar?.id);
  for (const [field, values] of Object.entries(question.only ?? {})) {
    for (const value of values) address.searchParams.append("only", `${field}:${value}`);
  }
  const { field, from, to } = question.when ?? {};
  say("when", field && `${field}:${from}..${to}`);
  say("sort", question.sort);
  for (const { topic, less } of question.steer ?? []) address.searchParams.append(less ? "less" : "more", topic);
  say("post", post);
  return address;
}

/** The question that an address asks; its photo, if it names one, is an address as well. */
export function questionIn(address) {
  const { searchParams: asked } = new URL(address);
  const similar = asked.get("similar");
  return {
    question: {
      text: asked.get("q") ?? "",
      similar: similar ? { id: similar, label: "" } : null,
      only: onlyIn(asked.getAll("only")),
      when: whenIn(asked.get("when") ?? ""),
      sort: asked.get("sort") ?? "",
      steer: [...steerIn(asked.getAll("more"), false), ...steerIn(asked.getAll("less"), true)],
    },
    photo: asked.get("photo"),
    post: asked.get("post"),
  };
}

function onlyIn(chosen) {
  const only = {};
  for (const one of chosen) {
    const [, field, value] = /^([^:]+):(.+)$/s.exec(one) ?? [];
    if (field) (only[field] ??= []).push(value);
  }
  return only;
}

function steerIn(numbers, less) {
  const known = numbers.filter((number) => /^\d{1,5}$/.test(number));
  return known.map((number) => ({ topic: Number(number), words: [], less }));
}

function whenIn(text) {
  const [, field, from, to] = /^([^:]+):(.*)\.\.(.*)$/.exec(text) ?? [];
  const days = [from, to].map((day) => (DAY.test(day) ? day : ""));
  return field && days.some(Boolean) ? { field, from: days[0], to: days[1] } : null;
}
