/** What the page around the element says, in English and in Russian. */

export const TEXTS = {
  en: {
    title: "Find photos by what they are about",
    lead: "In words, by a photo, or both. Every match says why.",
    country: "Seen from",
    examples: "Examples",
    posts: (n) => `${n} posts`,
    topics: (n) => `${n} topics`,
    allTopics: "Topics",
    topicsLead: "What the photos here are about, as it was learned from them. Each leads to its photos.",
    views: "How the topics are shown",
    viewNames: { mosaic: "Mosaic", map: "Map", list: "List" },
    shareOfPosts: "Share of all posts",
    noTopics: "No topics are learned yet.",
    silent: "The search service does not answer. Try again later.",
  },
  ru: {
    title: "Фотографии — по смыслу",
    lead: "Словами, по фото или вместе. Каждое совпадение объяснено.",
    country: "Страна",
    examples: "Примеры",
    posts: (n) => `постов: ${n}`,
    topics: (n) => `тем: ${n}`,
    allTopics: "Темы",
    topicsLead: "О чём здешние фотографии: темы выучены по ним самим. Каждая ведёт к своим фото.",
    views: "Как показаны темы",
    viewNames: { mosaic: "Мозаика", map: "Карта", list: "Список" },
    shareOfPosts: "Доля среди всех постов",
    noTopics: "Тем пока нет.",
    silent: "Сервис поиска не отвечает. Повторите позже.",
  },
};
