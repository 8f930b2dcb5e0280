/** What the service answers and is asked. Written by clients/js/generate.py (`make clients`). */

/** A topic that question and post have in common, the share of the match that it makes up, its telling words. */
export interface Why {
  topic: number;
  share: number;
  words: string[];
}

/** Where a caption, by its number from 0, has a word of the question: characters of it, the end not included. */
export interface Highlight {
  caption: number;
  start: number;
  end: number;
}

/** What somebody wrote under a photo. */
export interface PostCaption {
  text: string;
  author: string | null;
}

/** Addresses of a post's photo in small, below that of the service; good for some minutes, for who got them. */
export interface PhotoLinks {
  small: string;
  large: string;
}

/** What is shown of a post; `consented` says that it shows a child, and that a parent agreed. */
export interface PostFields {
  captions: PostCaption[];
  tags: string[];
  link: string | null;
  thumb: string | null;
  photo: PhotoLinks | null;
  attrs: Record<string, unknown>;
  consented: boolean;
}

/** At which rank an arm found a hit, 1 is the first, and how like it is by that arm, where that is of it alone. */
export interface ArmRank {
  arm: string;
  rank: number;
  score: number | null;
}

/**
 * Why a hit stands where it does, for engineers.
 *
 * `kind` names the line of odds that holds for such a post, `own` is the share of the words that it says itself,
 * `dual` how near it lies to a dual encoder that the model is calibrated with.
 */
export interface Account {
  ordered_by: string;
  arms: ArmRank[];
  topics: number | null;
  match: number | null;
  kind: string | null;
  lift: number | null;
  own: number | null;
  cosine: number | null;
  dual: number | null;
  odds: number | null;
}

/** A post that was found, how well it matches, and why; where nothing was looked for it neither matches nor fits. */
export interface Hit {
  id: string;
  match: number | null;
  fit: "good" | "weak" | "none" | null;
  why: Why[];
  looks_like: number | null;
  words: string[];
  highlights: Highlight[];
  post: PostFields;
  account: Account | null;
}

/** What stands in for a post that the visitor's law withholds: the sentence, and nothing of the post. */
export interface Withheld {
  disclaimer: string;
}

/** A value, how many posts have it, and the filter that leaves these. */
export interface FacetValue {
  value: string;
  posts: number;
  filter: Record<string, unknown>;
}

/**
 * What posts were counted by: the most frequent values, or steps in order, and the ends of numbers and times.
 *
 * `others` is how many further values there are.
 */
export interface FacetAnswer {
  facet: string;
  values: FacetValue[];
  others: number;
  least: number | string | null;
  most: number | string | null;
}

/** Posts that share a value: how many were found, the ids of the hits that are given, and the filter for all. */
export interface GroupAnswer {
  value: string | null;
  posts: number;
  hits: string[];
  filter: Record<string, unknown> | null;
}

/** Words of a question, as typed, and those of the same idea, in both languages, that it was searched by as well. */
export interface Understood {
  typed: string;
  words: string[];
}

/** How a question was understood: the words that are known here and those that are not, as typed, and its topics. */
export interface QueryTerms {
  text: string | null;
  mode: string;
  respelled: Record<string, string>;
  known_terms: string[];
  unknown_terms: string[];
  understood: Understood[];
  topics: Why[];
}

/** Whose law holds: the country, who says so, the group of its rule, and a note for people. */
export interface VisitorCountry {
  code: string | null;
  source: string;
  rule: string;
  note: string | null;
}

/** Hits, the best first, and a `cursor` for more. A `disclaimer` beside them: the question was refused. */
export interface SearchAnswer {
  hits: AnyHit[];
  fit: "good" | "weak" | "none" | null;
  total: number;
  more: boolean;
  cursor: string | null;
  facets: FacetAnswer[];
  groups: GroupAnswer[] | null;
  query: QueryTerms | null;
  country: VisitorCountry;
  disclaimer: string | null;
  notice: string | null;
  notice_code: string | null;
  took_ms: number;
}

/** An error, as RFC 9457 has it: `code` is for programs, `detail` for people. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
}

/** What became of one of several searches: its answer, or the problem with it. */
export interface OneAnswer {
  answer?: SearchAnswer | null;
  problem?: Problem | null;
}

/** An answer for each search, in order. */
export interface MultiSearchAnswer {
  answers: OneAnswer[];
}

/** One post. */
export interface PostAnswer {
  id: string;
  version: number | null;
  post: PostFields;
}

/** A word to propose, its probability, and how much likelier it is here than elsewhere. */
export interface Keyword {
  word: string;
  p: number;
  lift: number;
}

/** Keywords and hashtags to propose, and the topics that they come from. */
export interface AnnotateAnswer {
  keywords: Keyword[];
  tags: Keyword[];
  topics: Why[];
  country: VisitorCountry;
  disclaimer: string | null;
  notice: string | null;
  took_ms: number;
}

/** A class as posts have it, such as an album, and how likely it is among those that are listed and all others. */
export interface ClassShare {
  value: string;
  share: number;
}

/** Classes of a modality of the site's own, the likeliest first; the shares of all that may be shown make 1. */
export interface ClassifyAnswer {
  modality: string;
  classes: ClassShare[];
  country: VisitorCountry;
  disclaimer: string | null;
  notice: string | null;
  took_ms: number;
}

/**
 * A topic of the model; `background` ones are what every post has.
 *
 * `x` and `y`, from 0 to 1, are its place on the map, where topics with words in common lie near one another.
 */
export interface Topic {
  topic: number;
  share: number;
  words: string[];
  tags: string[];
  background: boolean;
  x: number | null;
  y: number | null;
}

/** The topics of the model, the largest first. */
export interface TopicsAnswer {
  model: string | null;
  topics: Topic[];
  country: VisitorCountry;
  disclaimer: string | null;
  notice: string | null;
}

/** A question to ask, as far as it is typed and as it may go on, and what completes it: a word or a tag. */
export interface Suggestion {
  text: string;
  kind: string;
}

/** How a question may go on, the most common way first. */
export interface SuggestAnswer {
  suggestions: Suggestion[];
  country: VisitorCountry;
  took_ms: number;
}

/** A country that a visitor of the page may visit from; `labels` name it in further languages. */
export interface ChoosableCountry {
  code: string | null;
  label: string;
  labels: Record<string, string>;
}

/** A question to try, by its name, text and the address of a photo; `labels` name it in further languages. */
export interface ExampleQuestion {
  label: string;
  text: string | null;
  photo: string | null;
  labels: Record<string, string>;
}

/** What the page offers to whoever opens it, where a site wants that: countries to choose, questions to try. */
export interface Welcome {
  countries: ChoosableCountry[];
  examples: ExampleQuestion[];
}

/** Which model answers: how many topics, of how many members, over how many tokens of each modality. */
export interface ModelStatus {
  id: string;
  topics: number;
  committee: number;
  aligned: boolean;
  vocabulary: Record<string, number>;
  encoder: string;
}

/** The dual encoder, and how many posts it has seen. */
export interface DualStatus {
  id: string;
  posts: number;
}

/** The engine, the models whose topics are stored (with their number), and the one that is searched. */
export interface StoreStatus {
  engine: string;
  models: Record<string, number>;
  active: string | null;
}

/** The rules in force: their version, their hash, and a sentence when their file says something else by now. */
export interface PolicyStatus {
  version: number;
  hash: string;
  notice: string | null;
}

/** What is stored, which model answers, which rules are in force. */
export interface StatusAnswer {
  version: string;
  welcome: Welcome | null;
  posts: number;
  model: ModelStatus | null;
  encoder: string;
  dual_encoder: DualStatus | null;
  store: StoreStatus;
  policy: PolicyStatus;
}

/** An entry among hits: a post, or the sentence in place of one. */
export type AnyHit = Hit | Withheld;

/** A search by text, photo or both; without either, what passes the filter is listed. */
export interface Question {
  text?: string;
  /** A photo, as a file. */
  photo?: Blob;
  country?: string;
  /** hybrid when there is text, a dual encoder, or photos are placed among texts; else topics. */
  mode?: "hybrid" | "topics" | "words";
  limit?: number;
  offset?: number;
  /** Hits that match less are left out; without it, those that share less than 0.1 of the topics, hold no word of the text and were found by no dual encoder. */
  min_match?: number;
  /** Weights of modalities, as {"text": 1, "image": 2}. */
  weights?: Record<string, unknown>;
  /** What hits must be like, as {"field": "attrs.place", "equals": "Karelia"}; see docs/http.md. */
  filter?: Record<string, unknown>;
  /** Mend slips in words that nobody here uses; the answer says so. */
  respell?: boolean;
  /** `added`, `changed` or `attrs.<name>` of numbers or times, with `:asc` or `:desc` (the usual). Without it the best match comes first, and where nothing is looked for the newest. */
  sort?: string;
  /** The `cursor` of an answer to this question, for the page behind it. */
  cursor?: string;
  /** Posts whose topics hits should have. */
  like?: string[];
  /** Posts whose topics they should not have. */
  unlike?: string[];
  /** Topics that hits should have. */
  more_of?: number[];
  /** Topics that they should not have. */
  less_of?: number[];
  /** What hits are counted by: `tags`, `authors`, `attrs.place`, times by `attrs.taken:year` (or month, or day), numbers in steps of 100 by `attrs.price:100`. */
  facets?: string[];
  /** How many words of each facet are listed. */
  facet_limit?: number;
  /** Only words of a facet that hold this, as {"tags": "sun"}. */
  facet_query?: Record<string, string>;
  /** What is answered of each post: captions, tags, link, thumb, photo, attrs, attrs.place. */
  fields?: string[];
  /** Say where in its captions a hit has words of the question. */
  highlight?: boolean;
  /** Put together what shares `authors`, `tags`, `attrs.<name>`, or a step of it as of a facet; `limit` and `offset` then count groups. */
  group_by?: string;
  /** How many hits of each group are given. */
  group_limit?: number;
  /** Give an account of each hit: who found it, and what orders it. */
  explain?: boolean;
}
