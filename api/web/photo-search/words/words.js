/** The sentences of one language, with its plural forms and its way to write numbers and days. */

import { ENGLISH } from "./english.js";
import { RUSSIAN } from "./russian.js";

const DAY = /^\d{4}-\d\d-\d\d(T00:00:00(\.0+)?(Z|\+00:00)?)?$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** The interface language of an element: its own or an ancestor's `lang`, else the browser's. */
export function languageOf(element) {
  const tag = element.closest("[lang]")?.lang || navigator.language || "en";
  return tag.toLowerCase().startsWith("ru") ? "ru" : "en";
}

/** Everything that the interface says in a language, `ru` or `en`. */
export function wordsFor(lang) {
  const words = lang === "ru" ? RUSSIAN : ENGLISH;
  const plural = new Intl.PluralRules(lang);
  const number = new Intl.NumberFormat(lang);
  const time = new Intl.NumberFormat(lang, { style: "unit", unit: "millisecond" });
  const percent = new Intl.NumberFormat(lang, { style: "percent" });
  const day = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" });
  const brief = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
  return {
    ...words,
    lang,
    number: (n) => number.format(n),
    count: (forms, n) => forms[plural.select(n)].replace("#", number.format(n)),
    milliseconds: (n) => time.format(Math.max(1, Math.round(n))),
    quoted: (text) => (lang === "ru" ? `«${text}»` : `“${text}”`),
    percent: (share) => percent.format(share),
    /** A stretch of days, as short as it can be said. */
    days: ({ from, to }) => {
      const year = from.slice(0, 4);
      if (from === `${year}-01-01` && to === `${year}-12-31`) return year;
      const short = (text) => (text ? brief.format(new Date(text)) : "");
      return `${short(from)} – ${short(to)}`.trim();
    },
    /** A field of a post as people write it: days and moments in words, all else as it is. */
    value: (text) => {
      const form = DAY.test(text) ? day : MOMENT.test(text) ? moment : null;
      const date = form && new Date(text);
      return date && !Number.isNaN(date.valueOf()) ? form.format(date) : text;
    },
    /** What the service says, in this language where its code is known. */
    sentence: (code, sentence) => words.sentences[code] ?? sentence,
    /** What is to be said of the country, or nothing. */
    countryNote: ({ source, note }) => note && (source === "unknown" && words.noCountry ? words.noCountry : note),
  };
}
