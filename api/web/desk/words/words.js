/** What the desk says, in one language at a time, with its plurals, numbers and times. */

import { ENGLISH } from "./english.js";
import { REASONS } from "./reasons.js";
import { RUSSIAN } from "./russian.js";
import { ruleSentence } from "./rules.js";

const KEPT = "photosense-desk-language";
const STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** The language that was chosen last, else that of the address, else the browser's. */
export function languageNow() {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(KEPT) ?? navigator.language;
  return asked.toLowerCase().startsWith("ru") ? "ru" : "en";
}

export function keepLanguage(lang) {
  localStorage.setItem(KEPT, lang);
}

/** The sentences of a language, and its way to write numbers and times. */
export function wordsFor(lang) {
  const own = lang === "ru" ? RUSSIAN : ENGLISH;
  const plural = new Intl.PluralRules(lang);
  const number = new Intl.NumberFormat(lang);
  const share = new Intl.NumberFormat(lang, { style: "percent" });
  const ago = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const moment = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(lang, { dateStyle: "long" });
  const unit = (name, digits) =>
    new Intl.NumberFormat(lang, { style: "unit", unit: name, maximumFractionDigits: digits });
  const [bytes, inSeconds, inMinutes] = [unit("megabyte", 2), unit("second", 0), unit("minute", 0)];
  const countries = new Intl.DisplayNames([lang], { type: "region" });
  return {
    ...own,
    lang,
    count: (forms, n) => forms[plural.select(n)].replace("#", number.format(n)),
    number: (n) => number.format(n),
    share: (part) => share.format(part),
    moment: (time) => moment.format(new Date(time)),
    day: (time) => day.format(new Date(time)),
    ago: (time) => agoIn(ago, new Date(time)),
    country: (code) => countries.of(code),
    bytes: (n) => bytes.format(n && Math.max(n / 1e6, 0.01)),
    duration: (seconds) => (seconds < 90 ? inSeconds.format(Math.round(seconds)) : inMinutes.format(Math.round(seconds / 60))),
    reasonOf: (reason) => REASONS[lang][reason] ?? reason,
    rule: (rule, says) => ruleSentence(lang, rule, says),
    failure: ({ code, detail }) => (lang === "en" ? detail : (own.modelWords.failures[code] ?? own.modelWords.failures.other)),
    sentence: (refusal) => own.problems[refusal.code] ?? (lang === "en" && refusal.message ? refusal.message : own.problems.other),
  };
}

function agoIn(format, time) {
  const seconds = (time - Date.now()) / 1000;
  const [unit, length] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["minute", 60];
  return format.format(Math.round(seconds / length), unit);
}
