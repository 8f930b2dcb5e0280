/** A question in the address of the page, to be shared and to be read back. */

const NAMES = ["q", "similar", "post", "photo"];

/** The address for a question and the post that is open; what else stands in it (country, language) stays. */
export function addressFor(question, post) {
  const address = new URL(location.href);
  for (const name of NAMES) address.searchParams.delete(name);
  const say = (name, value) => value && address.searchParams.set(name, value);
  say("q", question.text);
  say("similar", question.similar?.id);
  say("post", post);
  return address;
}

/** The question that an address asks; its photo, if it names one, is an address as well. */
export function questionIn(address) {
  const { searchParams: asked } = new URL(address);
  const similar = asked.get("similar");
  return {
    question: { text: asked.get("q") ?? "", similar: similar ? { id: similar, label: "" } : null },
    photo: asked.get("photo"),
    post: asked.get("post"),
  };
}
