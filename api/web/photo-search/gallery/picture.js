/** A picture from the first address that gives one. */

/** Loads into an `<img>`; gives the ratio of width to height, or null when no address gives a picture. */
export function loadPicture(image, addresses) {
  return new Promise((resolve) => {
    const rest = [...addresses];
    const next = () => {
      if (rest.length) image.src = rest.shift();
      else resolve(null);
    };
    image.onload = () => resolve(image.naturalWidth / image.naturalHeight || 1);
    image.onerror = next;
    next();
  });
}
