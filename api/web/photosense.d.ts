/** The types of photosense.js. */

import type {
  AnnotateAnswer, ClassifyAnswer, PostAnswer, Problem, Question, SearchAnswer, StatusAnswer, Suggestion, Topic,
} from "./photosense-answers.js";

export type * from "./photosense-answers.js";

/** A visitor's token, or a function that fetches one: before the first question, and when the one before is over. */
export type TokenSource = string | (() => string | null | Promise<string | null>);

export interface PhotosenseOptions {
  token?: TokenSource | null;
  /** Believed from the site's backend alone: in a browser the token says it. */
  country?: string | null;
  /** The language of the sentences, `ru` or `en`. */
  lang?: string | null;
}

export interface RequestOptions {
  signal?: AbortSignal;
}

/** No answer, or one that is a problem. */
export class PhotosenseError extends Error {
  /** The HTTP status, 0 when no answer came. */
  readonly status: number;
  /** For programs: the service's own codes, or `silent`, `strange`, `no_token`, `http-<status>`. */
  readonly code: string;
  /** Seconds after which the service wants to be asked again. */
  readonly retryAfter: number | null;
  constructor(sentence: string | null, about?: { status?: number; code?: string; retryAfter?: number | null });
}

/** The service at an address. Every method throws a `PhotosenseError`, or what its signal was aborted with. */
export class Photosense {
  constructor(endpoint: string | URL, options?: PhotosenseOptions);
  readonly endpoint: string;
  search(question?: Question, options?: RequestOptions): Promise<SearchAnswer>;
  pages(question?: Question, options?: RequestOptions): AsyncGenerator<SearchAnswer, void>;
  multiSearch(
    searches: Question[], options?: RequestOptions,
  ): Promise<({ answer: SearchAnswer; problem?: undefined } | { answer?: undefined; problem: Problem })[]>;
  similar(id: string, options?: RequestOptions & { limit?: number; offset?: number }): Promise<SearchAnswer>;
  suggest(text: string, options?: RequestOptions & { limit?: number }): Promise<Suggestion[]>;
  annotate(
    question: { text?: string; photo?: Blob; limit?: number; lang?: "en" | "ru" }, options?: RequestOptions,
  ): Promise<AnnotateAnswer>;
  classify(
    question: { modality: string; text?: string; photo?: Blob; limit?: number }, options?: RequestOptions,
  ): Promise<ClassifyAnswer>;
  feedback(
    said: { text: string; post_id: string; reaction: "click" | "good" | "bad"; rank?: number }, options?: RequestOptions,
  ): Promise<void>;
  topics(options?: RequestOptions): Promise<Topic[]>;
  post(id: string, options?: RequestOptions): Promise<PostAnswer>;
  status(options?: RequestOptions): Promise<StatusAnswer>;
}

/** A function that fetches a token from an address of the site's own, which answers `{"token": "..."}`. */
export function tokensFrom(address: string | URL): () => Promise<string | null>;
