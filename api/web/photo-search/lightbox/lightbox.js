/** One photo, large, with all that is known of its post; the others are an arrow key away. */

import { h, icon, iconButton, measured, webAddress } from "../dom.js";
import { loadPicture } from "../gallery/picture.js";
import { largePhotos, nameOf, smallPhotos } from "../post.js";
import { aboutPost } from "./about.js";
import { createStrip } from "./strip.js";
import { onSwipe } from "./swipe.js";

const MOST_ENLARGED = 1.8; // a drawing of few pixels would be a blur beyond it
const NEAR_THE_END = 4; // photos before the end of what is known, where more are asked for

/**
 * Builds the lightbox. `actions`: `turned(hit)` when another post is shown, `closed(hit)`, `similar(hit)`, `tag(text)`,
 * `steer(topic, less)`, `steered()` which gives the topics that are steered by,
 * `addressOf(hit)` for copying, `neighbours(id)` which gives a promise of similar hits, `renewed(id)` one
 * of the post as it is by now, or of null after saying why not, and `wanting()` when the last
 * of the photos come near.
 */
export function createLightbox(words, actions) {
  const image = h("img", { part: "large-photo" });
  const figure = h("div", { class: "figure" });
  const counter = h("p", { class: "counter", role: "status" });
  const previous = iconButton("previous", words.previous, () => turn(-1), { class: "turn previous" });
  const next = iconButton("next", words.next, () => turn(1), { class: "turn next" });
  const close = iconButton("close", words.close, () => dialog.close(), { class: "turn close", autofocus: true });
  const stage = h("div", { class: "stage" }, figure, counter, previous, next, close);
  const about = h("div", { class: "about-post", part: "about" });
  const below = h("div", { class: "below" });
  const dialog = h("dialog", { class: "lightbox", part: "lightbox", "aria-label": words.onePhoto },
    stage, about, below);
  let hits = [];
  let number = 0;
  let count = 0;
  let photoBase = null;

  dialog.addEventListener("close", () => {
    if (dialog.open) return; // the browser says it late: another photo was opened meanwhile
    const hit = hits[number];
    hits = [];
    image.removeAttribute("src");
    actions.closed(hit);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") turn(-1);
    else if (event.key === "ArrowRight") turn(1);
    else return;
    event.preventDefault();
  });
  stage.addEventListener("wheel", (event) => dialog.scrollHeight <= dialog.clientHeight && event.preventDefault(),
    { passive: false });
  onSwipe(stage, turn);

  /* What leads to another question leaves the lightbox first. */
  const own = {
    steered: actions.steered,
    tag: (text) => leave(() => actions.tag(text)),
    steer: (topic, less) => leave(() => actions.steer(topic, less)),
  };

  function turn(step) {
    if (!hits[number + step]) return;
    number += step;
    show();
    actions.turned(hits[number]);
  }

  function show() {
    const hit = hits[number];
    dialog.scrollTop = about.scrollTop = 0;
    count = Math.max(count, hits.length);
    counter.replaceChildren(count > 1 ? `${words.number(number + 1)} / ${words.number(count)}` : "");
    previous.disabled = !number;
    next.disabled = !hits[number + 1];
    below.replaceChildren();
    picture(hit);
    about.replaceChildren(...aboutPost(hit, words, own), deeds(hit));
    for (const beside of [hits[number + 1], hits[number - 1]]) {
      const [address] = beside ? largePhotos(beside.post, photoBase) : [];
      if (address) new Image().src = address; // so that a turn shows it at once
    }
    if (hits.length - number <= NEAR_THE_END) actions.wanting();
    actions.neighbours(hit.id).then((similar) => {
      if (hits[number]?.id !== hit.id || !similar) return;
      const strip = createStrip(similar, { words, photoBase, open: (others, chosen) => {
        [hits, number, count] = [others, chosen, others.length];
        show();
        actions.turned(hits[number]);
        close.focus();
      } });
      below.replaceChildren(...(strip ? [strip] : []));
    });
  }

  /* The small photo stands at once, in the same box, until the large one has come. */
  async function picture(hit, { renewed = false } = {}) {
    const small = smallPhotos(hit.post, photoBase);
    const large = largePhotos(hit.post, photoBase);
    const name = nameOf(hit.post);
    if (!large.length) {
      figure.replaceChildren(inWords(hit, name));
      return;
    }
    image.alt = name || words.onePhoto;
    if (!renewed) image.removeAttribute("src"); // it is the photo of the post before
    figure.replaceChildren(image);
    let ratio = null;
    for (const addresses of large[0] === small[0] ? [large] : [small.slice(0, 1), large]) {
      const probe = new Image();
      ratio = await loadPicture(probe, addresses);
      if (hits[number] !== hit) return;
      if (ratio === null) continue;
      image.src = probe.src;
      measured(image, { ratio: ratio.toFixed(4), most: `${Math.round(probe.naturalWidth * MOST_ENLARGED)}px` });
    }
    if (ratio === null && hit.post.photo && !renewed) await renew(hit);
    else if (!image.getAttribute("src")) figure.replaceChildren(inWords(hit, name));
  }

  /* The service's own addresses are good for some minutes; whether the post may be seen is then asked anew. */
  async function renew(hit) {
    const fresh = await actions.renewed(hit.id);
    if (hits[number] !== hit || !fresh) return;
    hits = hits.with(number, { ...hit, post: fresh.post });
    await picture(hits[number], { renewed: true });
  }

  function inWords(hit, name) {
    return h("p", { class: "large-quote" }, name || hit.id);
  }

  function deeds(hit) {
    const address = webAddress(hit.post.link, document.baseURI);
    const link = actions.addressOf(hit);
    const copied = () => copy.lastChild.replaceWith(words.copied);
    const copy = h("button", { class: "plain", type: "button", part: "copy",
      onclick: () => navigator.clipboard.writeText(link).then(copied) }, icon("link"), words.copyLink);
    return h("p", { class: "deeds" },
      address ? h("a", { class: "plain main", part: "link", href: address, target: "_blank", rel: "noopener" },
        icon("outside"), words.onTheSite) : null,
      h("button", { class: "plain", type: "button", part: "similar", onclick: () => leave(() => actions.similar(hit)) },
        icon("similar"), words.similar),
      link && navigator.clipboard ? copy : null);
  }

  function leave(then) {
    hits = []; // the photo that it came from is about to vanish, too
    dialog.close();
    then();
  }

  return {
    element: dialog,
    get isOpen() {
      return dialog.open;
    },
    /** Which post is shown, or null. */
    get hit() {
      return dialog.open ? hits[number] ?? null : null;
    },
    /** Shows one of the hits; `total` says how many there are where not all are known yet. */
    open(all, chosen, { base, total = 0 }) {
      [hits, number, count, photoBase] = [all, chosen, total, base];
      image.removeAttribute("src");
      if (!dialog.open) dialog.showModal();
      show();
    },
    /** Shows a sentence where a post cannot be shown, and nothing beside it. */
    say(sentence, lang) {
      [hits, number] = [[], 0];
      figure.replaceChildren(h("p", { class: "large-quote", role: "alert", lang }, sentence));
      counter.replaceChildren();
      previous.disabled = next.disabled = true;
      about.replaceChildren();
      below.replaceChildren();
      if (!dialog.open) dialog.showModal();
    },
    /** Tells that more hits have come to the list that is walked through. */
    extend(all) {
      if (!dialog.open || all[0]?.id !== hits[0]?.id) return;
      hits = all;
      next.disabled = !hits[number + 1];
    },
    close() {
      if (dialog.open) dialog.close();
    },
  };
}
