/** Each question is an entry of the browser's history, and so is a photo that is open: Back leads where one was. */

import { addressFor, questionIn } from "./address.js";
import { keepPhoto, photoBy } from "./session.js";

const LATE = 1000; // milliseconds after which the browser will not go back any more

/**
 * Ties the history to a `<photo-search>`; `fetchPhoto(address)` gives the photo that an address names. Gives what opens
 * the address, or the entry, that the page stands on.
 */
export function tieHistory(search, fetchPhoto) {
  let restoring = false;
  let leaving = null; // until the browser has gone back, which it does in its own time: what happens meanwhile waits

  const follow = (event, heard) =>
    search.addEventListener(`photo-search:${event}`, ({ detail }) => {
      if (leaving) leaving.then(() => heard(detail));
      else heard(detail);
    });

  follow("ask", ({ question, typed, again }) => {
    document.title = [question.text || question.similar?.label, "photosense"].filter(Boolean).join(" · ");
    if (restoring) return;
    const photo = question.photo && search.photo ? keepPhoto(search.photo) : null;
    const before = history.state;
    const stays = again && before; // the same question in another language or country
    const state = stays ? { ...before, photo } : { question, photo, post: null, typed };
    const follows = !before || again || (typed && before.typed); // letter by letter it is one question
    const address = addressFor(question, state.post);
    if (follows) history.replaceState(state, "", address);
    else history.pushState(state, "", address);
  });

  follow("post", ({ id }) => {
    const now = history.state ?? { question: search.question, photo: null, post: null };
    if (restoring || id === now.post) return;
    const state = { ...now, post: id };
    const address = addressFor(now.question ?? {}, id);
    if (id !== null && now.post === null) history.pushState({ ...state, opened: true }, "", address);
    else if (id === null && now.opened) leave();
    else history.replaceState(state, "", address);
  });

  addEventListener("popstate", ({ state }) => {
    if (!leaving && state) restore(state);
  });

  function leave() {
    leaving = new Promise((gone) => {
      addEventListener("popstate", gone, { once: true });
      setTimeout(gone, LATE);
    }).then(() => (leaving = null));
    history.back();
  }

  async function restore({ question, photo, post }) {
    if (JSON.stringify(question) !== JSON.stringify(search.question)) {
      restoring = true;
      const asked = search.ask(question, question.photo ? photoBy(photo) : null);
      restoring = Boolean(question.photo); // a photo is decoded first, and only then asked
      await asked;
      restoring = false;
    }
    if (post) await search.open(post);
    else search.close();
  }

  async function openAddress() {
    if (history.state?.question) return restore(history.state);
    const { question, photo, post } = questionIn(location.href);
    const given = photo ? await fetchPhoto(photo) : null;
    const asked = search.ask({ ...question, photo: Boolean(given) }, given);
    if (post) {
      history.replaceState({ ...history.state, post }, "", addressFor(search.question, post));
      await search.open(post);
    }
    await asked;
  }

  return openAddress;
}
