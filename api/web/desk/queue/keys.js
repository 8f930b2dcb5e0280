/** Keys of the queue, by where they lie: the same ones on a Russian layout. */

const ACTS = {
  KeyJ: "next",
  ArrowDown: "next",
  KeyK: "previous",
  ArrowUp: "previous",
  Space: "look",
  Digit1: "clear",
  Numpad1: "clear",
  Digit2: "hold",
  Numpad2: "hold",
  Digit3: "consent",
  Numpad3: "consent",
  KeyZ: "undo",
  KeyX: "choose",
  KeyA: "chooseAll",
  KeyL: "life",
  Slash: "help",
};

const ONE_A_PRESS = ["clear", "hold", "consent", "undo"]; // however long a key is held: nobody decides what he has not seen

/** Calls the act of a key, unless somebody is typing, in a dialog, or means the browser. */
export function listenToKeys(acts) {
  const listen = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const act = event.key === "?" ? "help" : event.code === "Slash" ? null : ACTS[event.code];
    if (!act || isTyping(event.target, event.code)) return;
    event.preventDefault();
    if (event.repeat && ONE_A_PRESS.includes(act)) return;
    acts[act]();
  };
  addEventListener("keydown", listen);
  return () => removeEventListener("keydown", listen);
}

/** Fields take all keys; lists the arrows; what can be pressed takes the space bar, but for a photo, which means the same. */
function isTyping(target, code) {
  if (target.matches?.("input:not([type=checkbox]), textarea, select")) return true;
  return code === "Space" && target.matches?.("button:not(.photo), a, input, summary");
}
