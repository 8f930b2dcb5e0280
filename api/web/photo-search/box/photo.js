/** Takes a photo that a visitor dropped, pasted or picked, ready to be sent and to be shown small. */

const LONGEST_SIDE = 1600;
const PREVIEW_SIDE = 112;

/** True for a file that says it is a picture. */
export function isPicture(file) {
  return file instanceof Blob && file.type.startsWith("image/");
}

/** The first picture among dropped or pasted things, or null. */
export function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find(isPicture) ?? null;
}

/**
 * The photo as `{blob, name, preview}`, made smaller when it is large: the service looks at far fewer pixels than a
 * camera gives. What the browser cannot decode goes as it is, without a preview, and the service decides.
 */
export async function takePhoto(file) {
  const name = file.name ?? "photo";
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return { blob: file, name, preview: null };
  }
  try {
    const longest = Math.max(picture.width, picture.height);
    const blob = longest > LONGEST_SIDE ? await smaller(picture, LONGEST_SIDE / longest) : file;
    return { blob: blob ?? file, name, preview: preview(picture) };
  } finally {
    picture.close();
  }
}

function smaller(picture, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // JPEG has no transparency and would turn it black
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

/* A canvas and not an <img>: a strict content policy allows neither blob: nor data: addresses. */
function preview(picture) {
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PREVIEW_SIDE;
  const left = (picture.width - side) / 2;
  const top = (picture.height - side) / 2;
  canvas.getContext("2d").drawImage(picture, left, top, side, side, 0, 0, PREVIEW_SIDE, PREVIEW_SIDE);
  return canvas;
}
