/** Photos as posts: the id of each is its path, and a text or JSON file beside it says more, as for a folder of photos. */

const PHOTO = /\.(jpe?g|jpe|png|webp|gif|avif)$/i;

/** All files that were dropped, those in folders too; `path` is where each lies. */
export async function filesIn(carried) {
  const entries = [...(carried.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...carried.files].map(atItsPath);
  const found = [];
  for (const entry of entries) await gather(entry, found);
  return found;
}

export function atItsPath(file) {
  return { file, path: file.webkitRelativePath || file.name };
}

export function isPhoto({ file, path }) {
  return PHOTO.test(path) || file.type.startsWith("image/");
}

/** A post for each photo, with the words that lie beside it; `file` is its photo. */
export async function postsOfPhotos(files) {
  const beside = new Map(files.map((each) => [each.path, each.file]));
  const photos = files.filter(isPhoto).sort((one, other) => (one.path < other.path ? -1 : 1));
  return Promise.all(
    photos.map(async ({ file, path }) => {
      const stem = path.replace(/\.[^./]+$/, "");
      const text = beside.get(`${stem}.txt`) ?? beside.get(`${path}.txt`);
      const more = beside.get(`${stem}.json`) ?? beside.get(`${path}.json`);
      const fields = more ? await more.text().then(JSON.parse).catch(() => ({})) : {};
      return { file, fields: { id: path, ...fields }, caption: text ? (await text.text()).trim() : (fields.text ?? "") };
    }),
  );
}

/** The post as the service takes it, its photo in it. */
export async function withPhoto({ file, fields, caption }, child) {
  const said = child === "" ? {} : { child: child === "yes" };
  const text = caption ? { text: caption } : {};
  return JSON.stringify({ ...fields, ...text, ...said, photo: await base64(file) });
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let letters = "";
  for (let start = 0; start < bytes.length; start += 32768) {
    letters += String.fromCharCode(...bytes.subarray(start, start + 32768));
  }
  return btoa(letters);
}

async function gather(entry, found) {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await gather(each, found);
  }
}
