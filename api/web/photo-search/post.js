/** What a post offers to be shown: addresses of its photo, its name for people, its tags. */

import { webAddress } from "./dom.js";

/** Addresses of a photo for a row or a strip, the best first. */
export function smallPhotos({ thumb, photo }, base) {
  return [webAddress(thumb, base), webAddress(photo?.small)].filter(Boolean);
}

/** Addresses of a photo to be looked at, the largest first. */
export function largePhotos({ thumb, photo }, base) {
  return [webAddress(photo?.large), webAddress(thumb, base)].filter(Boolean);
}

/** What a post is called where there is room for one line: its first caption, else its hashtags. */
export function nameOf({ captions, tags }) {
  return captions?.[0]?.text || (tags ?? []).map(hashed).join(" ");
}

/** A hashtag with its sign. */
export function hashed(name) {
  return `#${name.replace(/^#+/, "")}`;
}
