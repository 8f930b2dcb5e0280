/** The map of topics: those with words in common lie near one another, each with room for its photo and its words. */

import { measured } from "../../photo-search/dom.js";

const LARGEST = 128; // pixels of a circle
const SMALLEST = 52;
const WIDE = 148; // of the words below it
const WORDS_HIGH = 42;
const ROOMY = 1.4; // how much larger the map is than what lies on it
const GAP = 6;
const ROUNDS = 400;

/** Those of the topics that lie nearest to one on the map. */
export function nearest(topics, { x, y }, most) {
  if (x === null || x === undefined) return [];
  const far = (other) => Math.hypot(other.x - x, other.y - y);
  return topics.filter((other) => typeof other.x === "number").sort((one, other) => far(one) - far(other)).slice(0, most);
}

/** Puts tiles, each with its `topic` and its `element`, into a list as wide as it is, and as high as they need. */
export function layOut(list, tiles) {
  const width = list.clientWidth;
  if (!tiles.length || !width) return;
  const most = Math.max(...tiles.map(({ topic }) => topic.share));
  const crowd = width < 600 ? 0.62 : 1;
  const boxes = tiles.map(({ topic, element }, number) => {
    const size = Math.max(SMALLEST, LARGEST * crowd * Math.sqrt(topic.share / most));
    return { element, size, wide: Math.max(size, WIDE * crowd), high: size + WORDS_HIGH,
      x: topic.x ?? (number * 0.618) % 1, y: topic.y ?? number / tiles.length };
  });
  const area = boxes.reduce((sum, { wide, high }) => sum + wide * high, 0);
  const height = Math.max((area * ROOMY) / width, 320);
  for (const box of boxes) {
    box.x = box.wide / 2 + box.x * (width - box.wide);
    box.y = box.high / 2 + box.y * (height - box.high);
  }
  for (let round = 0; round < ROUNDS && push(boxes, width); round++);
  settle(boxes);
  const top = Math.min(...boxes.map((box) => box.y - box.high / 2));
  const bottom = Math.max(...boxes.map((box) => box.y + box.high / 2));
  measured(list, { height: `${Math.ceil(bottom - top)}px` });
  for (const { element, size, wide, high, x, y } of boxes) {
    measured(element, { x: `${(x - wide / 2).toFixed(1)}px`, y: `${(y - top - high / 2).toFixed(1)}px`,
      wide: `${wide.toFixed(1)}px`, size: `${size.toFixed(1)}px` });
  }
}

/* Whatever patience did not part goes down, to where there is room. */
function settle(boxes) {
  const settled = [];
  for (const box of boxes.toSorted((one, other) => one.y - one.high / 2 - (other.y - other.high / 2))) {
    const isUnder = (other) => Math.abs(box.x - other.x) < (box.wide + other.wide) / 2 - 0.5
      && Math.abs(box.y - other.y) < (box.high + other.high) / 2 - 0.5;
    for (let other = settled.find(isUnder); other; other = settled.find(isUnder)) {
      box.y = other.y + (other.high + box.high) / 2 + GAP;
    }
    settled.push(box);
  }
}

/* Boxes that lie on one another are pushed apart a little, within the width; tells whether any did. */
function push(boxes, width) {
  let any = false;
  for (let one = 0; one < boxes.length; one++) {
    for (let other = one + 1; other < boxes.length; other++) {
      const [a, b] = [boxes[one], boxes[other]];
      const across = (a.wide + b.wide) / 2 + GAP - Math.abs(a.x - b.x);
      const down = (a.high + b.high) / 2 + GAP - Math.abs(a.y - b.y);
      if (across <= 0 || down <= 0) continue;
      any = true;
      const axis = across < down && a.wide + b.wide + GAP < width ? "x" : "y";
      const step = Math.min(across, down) / 2 + 0.5;
      const way = a[axis] < b[axis] ? -1 : 1;
      a[axis] += way * step;
      b[axis] -= way * step;
    }
  }
  for (const box of boxes) box.x = Math.min(Math.max(box.x, box.wide / 2), width - box.wide / 2);
  return any;
}
