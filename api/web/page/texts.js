/** What the page around the element says, in English and in Russian. */

export const TEXTS = {
  en: {
    title: "Find photos by what they are about",
    lead: "In words, by a photo, or both. Every match says why.",
    country: "Seen from",
    examples: "Examples",
    posts: (n) => `${n} posts`,
    topics: (n) => `${n} topics`,
  },
  ru: {
    title: "Фотографии — по смыслу",
    lead: "Словами, по фото или вместе. Каждое совпадение объяснено.",
    country: "Страна",
    examples: "Примеры",
    posts: (n) => `постов: ${n}`,
    topics: (n) => `тем: ${n}`,
  },
};
