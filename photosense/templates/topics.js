"use strict";

const list = document.getElementById("topics");
const cards = [...list.children];
const find = document.getElementById("find");
const order = document.getElementById("order");
const count = document.getElementById("count");
const bubbles = new Map([...document.querySelectorAll(".bubble")].map((bubble) => [bubble.dataset.topic, bubble]));

const fold = (text) => text.toLowerCase().replaceAll("ё", "е");
const texts = new Map(cards.map((card) => [card, fold(card.textContent)]));

function filter() {
  const words = fold(find.value).split(/\s+/).filter(Boolean);
  let left = 0;
  for (const card of cards) {
    const fits = words.every((word) => texts.get(card).includes(word));
    card.hidden = !fits;
    left += fits;
    bubbles.get(card.id.slice("topic-".length))?.classList.toggle("away", !fits);
  }
  count.textContent = words.length ? left + " of " + cards.length + " topics" : cards.length + " topics";
  document.getElementById("nothing").hidden = left > 0;
}

function arrange() {
  const by = order.value;
  list.append(...[...cards].sort((one, other) => other.dataset[by] - one.dataset[by]));
}

function showTheme(button, dark) {
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  button.textContent = dark ? "Light" : "Dark";
}

const theme = document.getElementById("theme");
let dark = matchMedia("(prefers-color-scheme: dark)").matches;
showTheme(theme, dark);
theme.addEventListener("click", () => showTheme(theme, (dark = !dark)));
theme.hidden = document.getElementById("bar").hidden = false;

find.addEventListener("input", filter);
order.addEventListener("change", arrange);
document.getElementById("bar").addEventListener("submit", (event) => event.preventDefault());
for (const [topic, bubble] of bubbles) {
  // A topic that the filter hides cannot be jumped to.
  bubble.addEventListener("click", () => {
    if (document.getElementById("topic-" + topic).hidden) {
      find.value = "";
      filter();
    }
  });
}
