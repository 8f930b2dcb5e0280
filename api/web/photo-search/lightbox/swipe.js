/** A finger that wipes over a photo: to the left for the next one, to the right for the one before. */

const FAR_ENOUGH = 44; // pixels

/** Calls `turn(1)` or `turn(-1)` for a wipe over the element that is more across than up or down. */
export function onSwipe(element, turn) {
  let start = null;
  element.addEventListener("pointerdown", (event) => {
    start = event.pointerType === "mouse" || !event.isPrimary ? null : { x: event.clientX, y: event.clientY };
  });
  element.addEventListener("pointercancel", () => (start = null));
  element.addEventListener("pointerup", (event) => {
    if (!start) return;
    const across = event.clientX - start.x;
    const down = event.clientY - start.y;
    start = null;
    if (Math.abs(across) > FAR_ENOUGH && Math.abs(across) > 2 * Math.abs(down)) turn(across < 0 ? 1 : -1);
  });
}
