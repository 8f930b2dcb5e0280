/** Why a post waits, by the rule that found it: the service says it in English, and the desk in Russian as well. */

const NAMES = "В тексте назван ребёнок.";
const PUPIL = "В тексте назван ученик или место, где бывают только дети.";
const KIN = "В тексте назван чей-то сын, дочь или внук.";
const BIRTH = "В тексте говорится о рождении или первых днях ребёнка.";
const LESSONS = "В тексте говорится о школьной жизни.";
const PLAY = "В тексте говорится о детских играх и праздниках.";
const AGE = "В тексте указан возраст меньше 16 лет.";
const PLACE = "В тексте названо место для детей.";
const THING = "В тексте названа вещь для ребёнка.";

export const RUSSIAN_RULES = {
  "child-en": NAMES,
  "little-en": "В тексте говорится о малыше.",
  "minor-en": "В тексте говорится о несовершеннолетнем.",
  baby: "В тексте назван младенец.",
  "boy-girl": "В тексте назван мальчик или девочка.",
  "school-en": PUPIL,
  teen: "В тексте назван подросток, которому может не быть 16 лет.",
  "kin-en": KIN,
  "parent-en": "В тексте о матери или отце говорится так, как говорит их ребёнок.",
  "age-en": AGE,
  "age-said-en": AGE,
  sign: "В тексте есть картинка-символ ребёнка.",
  "child-ru": NAMES,
  "phrase-ru": "В тексте о ребёнке говорится двумя словами.",
  "boy-girl-ru": "В тексте назван мальчик или девочка.",
  "school-ru": PUPIL,
  "kin-ru": KIN,
  "age-ru": AGE,
  "child-translit": "В тексте ребёнок назван по-русски латинскими буквами.",
  "baby-days-ru": BIRTH,
  "school-days-ru": LESSONS,
  "play-ru": PLAY,
  "baby-days-en": BIRTH,
  "school-days-en": LESSONS,
  "play-en": PLAY,
  "age-of-somebody-ru": AGE,
  "age-told-ru": AGE,
  "age-of-somebody-en": AGE,
  "child-uk": NAMES,
  "child-be": NAMES,
  "child-kk": NAMES,
  "child-uz": NAMES,
  "child-uz-cyrillic": NAMES,
  "child-de": NAMES,
  "child-es": NAMES,
  "child-fr": NAMES,
  "child-tr": NAMES,
  "age-latin": AGE,
  "age-cyrillic": AGE,
  "place-ru": PLACE,
  "place-en": PLACE,
  "thing-ru": THING,
  "thing-en": THING,
  "toy-en": "В тексте говорится об игрушках.",
  "word-ru": NAMES,
  "kin-bare-ru": KIN,
  "word-en": NAMES,
  "age-field": "В полях поста указан возраст меньше 16 лет.",
  "consent-without-record": "Пост был открыт согласием без записи: решите заново, с записью.",
  "content-changed": "То, что показано, изменилось после того, как пост был открыт модератором.",
  "copy-of": "Пост показывает или говорит то же, что удержанный пост.",
  tombstone: "Пост удерживали до удаления, или он повторяет такой пост.",
  "consent-revoked": "Родитель отозвал согласие.",
  "consent-ended": "Срок согласия истёк.",
};

const ENGLISH_RULES = {
  "age-field": "A field of the post gives an age under 16.",
  "copy-of": "It shows or says what a held post does.",
};

/** The sentence of a rule in a language; `says` is the service's own. */
export function ruleSentence(lang, rule, says = "") {
  const kind = rule.split(":")[0];
  return (lang === "ru" ? RUSSIAN_RULES[kind] : says || ENGLISH_RULES[kind]) ?? says ?? rule;
}
