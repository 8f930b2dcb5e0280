/** Topics as people see them: a colour and the words that a topic stands for. */

import { h, iconButton, measured } from "./dom.js";

const GOLDEN_ANGLE = 137.508; // neighbouring topic numbers get far apart hues, the same in every answer
const APART = 32; // degrees of hue that eyes tell from each other in a dot

/** The hue that a topic has by itself, in degrees. */
export function hueOf(topic) {
  return (topic * GOLDEN_ANGLE + 30) % 360;
}

/**
 * A hue for each of the topics: near its own, and told from the others', or from those alone that `beside(place)` gives
 * of the topics before it.
 */
export function huesOf(topics, beside = (place) => topics.slice(0, place)) {
  const hues = new Map();
  for (const [place, topic] of topics.entries()) {
    const taken = beside(place).map((other) => hues.get(other));
    const own = hueOf(topic);
    const around = Array.from({ length: 24 }, (_, step) => own + (step % 2 ? 1 : -1) * Math.ceil(step / 2) * 15);
    const least = (hue) => Math.min(APART, ...taken.map((other) => between(hue, other)));
    const best = around.reduce((one, other) => (least(other) > least(one) ? other : one));
    hues.set(topic, (best + 360) % 360);
  }
  return hues;
}

function between(one, other) {
  const difference = Math.abs(one - other) % 360;
  return Math.min(difference, 360 - difference);
}

/** A topic as a dot in its colour and the words that it stands for; what comes before them, and what after. */
export function createTopic({ words }, hue, before = null, after = null) {
  return measured(h("li", { class: "topic" }, before, h("span", {}, words.join(", ")), after), { hue: hue.toFixed(1) });
}

/**
 * Two buttons that ask for more and for less of a topic; `steer` are the topics that are steered by already,
 * `ask(topic, less)` is called with what was chosen.
 */
export function createSteering(topic, words, steer, ask) {
  const name = topic.words.slice(0, 3).join(", ");
  const button = (less) => iconButton(less ? "minus" : "plus", `${less ? words.lessOf : words.moreOf}: ${name}`,
    () => ask(topic, less),
    { part: "steer", "aria-pressed": String(steer.some((one) => one.topic === topic.topic && one.less === less)) });
  return h("span", { class: "steer" }, button(false), button(true));
}
