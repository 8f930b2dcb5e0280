/** Photos that were asked by, kept for as long as the tab lives, so that Back and a reload find them. */

const PREFIX = "photosense.photo.";
const MOST = 4; // photos of 1,600 pixels; browsers keep about five megabytes
const inMemory = new Map();

/** Keeps a photo and gives the key by which it is found. */
export function keepPhoto(blob) {
  for (const [key, kept] of inMemory) if (kept === blob) return key;
  const key = String(Date.now());
  inMemory.set(key, blob);
  const reader = new FileReader();
  reader.onload = () => write(key, reader.result);
  reader.readAsDataURL(blob);
  return key;
}

/** The photo by its key, or null when it is gone. */
export function photoBy(key) {
  if (!key) return null;
  if (!inMemory.has(key)) {
    const blob = decoded(sessionStorage.getItem(PREFIX + key));
    if (blob) inMemory.set(key, blob);
  }
  return inMemory.get(key) ?? null;
}

function write(key, address) {
  const keys = () => Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX)).sort();
  while (keys().length >= MOST) sessionStorage.removeItem(keys()[0]);
  try {
    sessionStorage.setItem(PREFIX + key, address);
  } catch {
    return; // full: Back still finds it in memory, a reload does not
  }
}

/* Read by hand: a strict policy lets no page fetch a data: address. */
function decoded(address) {
  const [, type, letters] = /^data:([\w/+.-]+);base64,(.*)$/.exec(address ?? "") ?? [];
  if (!letters) return null;
  return new File([Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0))], "photo", { type });
}
