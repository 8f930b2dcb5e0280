/** What the interface says, in English and in Russian. */

const ENGLISH = {
  placeholder: "Describe a photo, or drop one here",
  alsoPlaceholder: "Add words to your photo",
  label: "Search photos by words, by a photo, or by both",
  search: "Search",
  addPhoto: "Add a photo",
  removePhoto: "Remove the photo",
  yourPhoto: "Your photo",
  dropHere: "Drop the photo here",
  leaning: "What counts more",
  towardsText: "text",
  towardsPhoto: "photo",
  searching: "Searching…",
  found: { one: "# post", other: "# posts" },
  atLeast: "more than",
  similarTo: "Similar to",
  similarPosts: "Similar posts",
  similar: "Show similar posts",
  backToSearch: "Back to the search",
  why: "Why?",
  whyAll: "Explain all",
  match: "match",
  open: "Open this post",
  foundInPost: "In the post itself:",
  looksLike: "The photo looks like it.",
  about: "Understood as",
  unknown: "Not known here:",
  sameIdea: "Searched as well:",
  respelled: "Searched as it was meant:",
  moreCaptions: { one: "# more caption", other: "# more captions" },
  searchTag: "Search",
  more: "More",
  nothing: "Nothing matches. Try other words, or a photo.",
  retry: "Try again",
  silent: "The search service does not answer. Check the connection and try again.",
  strange: "The search service answered in a way that this page does not understand. Try again later.",
  notPhoto: "This is not a picture. Choose a JPEG, PNG or WebP file.",
};

const RUSSIAN = {
  placeholder: "Опишите фото или перетащите его сюда",
  alsoPlaceholder: "Добавьте слова к фото",
  label: "Поиск фотографий по словам, по фото или по тому и другому",
  search: "Найти",
  addPhoto: "Добавить фото",
  removePhoto: "Убрать фото",
  yourPhoto: "Ваше фото",
  dropHere: "Отпустите фото здесь",
  leaning: "Что важнее",
  towardsText: "текст",
  towardsPhoto: "фото",
  searching: "Ищем…",
  found: { one: "# пост", few: "# поста", many: "# постов", other: "# поста" },
  atLeast: "больше чем",
  similarTo: "Похожие на",
  similarPosts: "Похожие посты",
  similar: "Показать похожие посты",
  backToSearch: "Назад к поиску",
  why: "Почему?",
  looksLike: "Фото похоже на это.",
  whyAll: "Объяснить все",
  match: "совпадение",
  open: "Открыть пост",
  foundInPost: "В самом посте:",
  about: "Понято как",
  unknown: "Здесь не знают:",
  sameIdea: "Ищем и так:",
  respelled: "Ищем то, что имелось в виду:",
  moreCaptions: {
    one: "ещё # подпись",
    few: "ещё # подписи",
    many: "ещё # подписей",
    other: "ещё # подписи",
  },
  searchTag: "Искать",
  more: "Ещё",
  nothing: "Ничего не подходит. Попробуйте другие слова или фото.",
  retry: "Повторить",
  silent: "Сервис поиска не отвечает. Проверьте соединение и повторите.",
  strange: "Сервис поиска ответил непонятно. Повторите позже.",
  notPhoto: "Это не картинка. Выберите файл JPEG, PNG или WebP.",
};

/** The interface language of an element: its own or an ancestor's `lang`, else the browser's. */
export function languageOf(element) {
  const said = element.closest("[lang]")?.lang || navigator.language || "en";
  return said.toLowerCase().startsWith("ru") ? "ru" : "en";
}

/** The sentences of one language, with its plural forms and its way to write numbers. */
export function wordsFor(lang) {
  const said = lang === "ru" ? RUSSIAN : ENGLISH;
  const plural = new Intl.PluralRules(lang);
  const number = new Intl.NumberFormat(lang);
  const time = new Intl.NumberFormat(lang, { style: "unit", unit: "millisecond" });
  const percent = new Intl.NumberFormat(lang, { style: "percent" });
  return {
    ...said,
    lang,
    count: (forms, n) => forms[plural.select(n)].replace("#", number.format(n)),
    milliseconds: (n) => time.format(Math.max(1, Math.round(n))),
    percent: (share) => percent.format(share),
  };
}
