/** The types of photosense-instantsearch.js. */

import type { Photosense, Question, Why } from "photosense";

export interface SearchClientOptions {
  /** Holds always, beside what visitors choose. */
  filter?: Record<string, unknown> | null;
  /** What is counted where a widget asks for all facets. */
  facets?: string[];
  /** Attributes that hold times: range widgets count them in milliseconds. */
  times?: string[];
  /** Further fields of each search, such as `mode` or `weights`. */
  question?: Question;
}

/** A hit as InstantSearch's templates get it: a post, or the law's sentence where `disclaimer` is set. */
export interface InstantSearchHit {
  objectID: string;
  disclaimer?: string;
  text?: string;
  captions?: { text: string; author: string | null }[];
  tags?: string[];
  link?: string | null;
  thumb?: string | null;
  photo?: { small: string; large: string } | null;
  attrs?: Record<string, unknown>;
  consented?: boolean;
  match?: number | null;
  fit?: "good" | "weak" | "none" | null;
  why?: Why[];
  words?: string[];
  _highlightResult: Record<string, unknown>;
}

/** As InstantSearch has it; its own types want more generic parameters than matter here. */
export interface PhotosenseSearchClient {
  search(requests: ReadonlyArray<any>): Promise<any>;
  searchForFacetValues(requests: ReadonlyArray<any>): Promise<any>;
}

export function searchClient(service: Photosense, options?: SearchClientOptions): PhotosenseSearchClient;
