/** Lets InstantSearch ask a photosense service: `searchClient`, made of a `Photosense` from photosense.js. */

const FARTHEST = 900; // the largest offset; beyond it pages follow one another by cursor
const AT_ONCE = 10; // searches of one request
const MOST_HITS = 100;
const MOST_VALUES = 100;
const KEPT = 50; // questions whose cursors are remembered
const USUAL_HITS = 20;
const OWN_TIMES = ["added", "changed"];
const SORT_MARK = "/sort/";
const NOT_HERE = ["aroundLatLng", "aroundLatLngViaIP", "insideBoundingBox", "insidePolygon", "optionalFilters", "tagFilters"];
const COMPARED = { ">=": "from", "<=": "to", ">": "above", "<": "below" };

/**
 * What InstantSearch wants as `searchClient`.
 *
 * `filter` always holds, beside what visitors choose; `facets` stands for the facets `*`; `times` are attributes that hold
 * times, which range widgets count in milliseconds; `question` has further fields of each search, as `mode` or `weights`.
 */
export function searchClient(service, { filter = null, facets = [], times = [], question = {} } = {}) {
  const cursors = new Map();
  const known = { filter, facets, times: new Set([...OWN_TIMES, ...times]), question };

  async function ask(questions) {
    const answers = [];
    for (let start = 0; start < questions.length; start += AT_ONCE) {
      answers.push(...await service.multiSearch(questions.slice(start, start + AT_ONCE)));
    }
    return answers;
  }

  /* What was answered in the end, where the first answer was a problem that there is a way around. */
  async function mended(wish, asked, one) {
    if (one.problem && asked.cursor) {
      cursors.delete(keyOf(wish)); // as after a change of the model
      [one] = await ask([withPage(wish, cursors)]);
    }
    if (one.problem?.code === "wrong_filter" && wish.facets.length) return withoutWrongFacets(asked);
    return one;
  }

  /* A field that no post has which this visitor may see cannot be counted by: the others are, and the hits stay. */
  async function withoutWrongFacets(paged) {
    const { facets: wanted, ...plain } = paged;
    const alone = wanted.map((facet) => ({ ...plain, facets: [facet], limit: 1, fields: [] }));
    const [hits, ...counted] = await ask([plain, ...alone]);
    if (hits.problem) return hits;
    const good = counted.filter((one) => one.answer).flatMap((one) => one.answer.facets);
    return { answer: { ...hits.answer, facets: good } };
  }

  return {
    /** Answers the questions of the widgets, in order. */
    async search(requests) {
      const wishes = requests.map((request) => wishOf(request, known));
      const pages = wishes.map((wish) => withPage(wish, cursors));
      const answers = await ask(pages);
      const results = requests.map(async (request, number) => {
        const [wish, asked] = [wishes[number], pages[number]];
        const one = await mended(wish, asked, answers[number]);
        if (one.problem) throw problemOf(one.problem);
        const shows = asked.limit === wish.limit && wish.wantsHits;
        if (shows) remember(cursors, wish, one.answer);
        return resultOf(request, { ...wish, shows }, one.answer, known, reach(wish, cursors));
      });
      return { results: await Promise.all(results) };
    },

    /** Finds values of a facet that hold what is typed. */
    async searchForFacetValues(requests) {
      return Promise.all(requests.map(async (request) => {
        const { facetName, facetQuery = "", maxFacetHits = 10, highlightPreTag = "", highlightPostTag = "" } = request.params;
        const wish = wishOf(request, known);
        const counted = { facets: [facetName], facet_limit: Math.min(maxFacetHits, MOST_VALUES), limit: 1, fields: [] };
        const part = facetQuery ? { facet_query: { [fieldOf(facetName).name]: facetQuery } } : {};
        const [one] = await ask([{ ...wish.body, ...counted, ...part }]);
        if (one.problem) throw problemOf(one.problem);
        const [facet] = one.answer.facets;
        return {
          facetHits: (facet?.values ?? []).map(({ value, posts }) => ({
            value, count: posts, highlighted: emphasised(value, facetQuery, highlightPreTag, highlightPostTag),
          })),
          exhaustiveFacetsCount: !facet?.others,
          processingTimeMS: Math.round(one.answer.took_ms),
        };
      }));
    },
  };
}

/* What a widget asks for, in the service's words: `body` without the page, and the page beside it. */
function wishOf({ indexName = "", params = {} }, known) {
  const refused = NOT_HERE.filter((name) => params[name]?.length);
  if (refused.length) throw new Error(`photosense knows no ${refused.join(", ")}: use a filter instead.`);
  const named = [params.facets ?? []].flat();
  const facets = [...new Set(named.flatMap((facet) => (facet === "*" ? known.facets : [facet])))];
  const tests = [
    ...(known.filter ? [known.filter] : []),
    ...written(params.filters),
    ...[params.facetFilters ?? []].flat(1).map((some) => anyOf(some, (text) => facetTest(text, facets))).filter(Boolean),
    ...[params.numericFilters ?? []].flat(1).map((some) => anyOf(some, (text) => numberTest(text, known))).filter(Boolean),
  ];
  const hits = params.hitsPerPage ?? USUAL_HITS;
  const limit = Math.min(Math.max(hits, 1), MOST_HITS);
  const sort = indexName.split(SORT_MARK)[1];
  const body = {
    ...known.question,
    ...(params.query ? { text: params.query } : {}),
    ...(tests.length ? { filter: tests.length > 1 ? { and: tests } : tests[0] } : {}),
    ...(sort ? { sort } : {}),
  };
  const counted = facets.length ? { facets, facet_limit: Math.min(params.maxValuesPerFacet ?? 10, MOST_VALUES) } : {};
  return { body, counted, facets, limit, page: params.page ?? 0, wantsHits: hits > 0 };
}

/* A filter of photosense, as JSON: the grammar of another service would be read wrongly. */
function written(filters) {
  if (!filters) return [];
  if (typeof filters === "object") return [filters];
  if (filters.trim().startsWith("{")) return [JSON.parse(filters)];
  throw new Error(`photosense reads "filters" as JSON, {"field": "attrs.place", "equals": "Karelia"}, and no ${filters}`);
}

function anyOf(some, test) {
  const tests = [some].flat().map(test);
  const [{ field } = {}] = tests;
  const alike = tests.every((one) => one.field === field && "equals" in one);
  if (tests.length > 1 && alike) return { field, any_of: tests.map(({ equals }) => equals) };
  return tests.length > 1 ? { or: tests } : tests[0];
}

/* "attrs.place:Karelia", or "attrs.place:-Karelia" for those without; a value that begins so is written with a backslash. */
function facetTest(text, facets) {
  const [asked] = facets.filter((facet) => text.startsWith(`${facet}:`)).sort((one, other) => other.length - one.length);
  const name = asked ?? nameIn(text);
  const value = text.slice(name.length + 1);
  const test = valueTest(name, value.replace(/^-/, "").replace(/^\\-/, "-"));
  return value.startsWith("-") ? { not: test } : test;
}

/* The name ends at the first colon, or behind a step: "attrs.taken:year:2024", "attrs.price:100:200". */
function nameIn(text) {
  const [name] = /^[^:]+(:(year|month|day|\d+(\.\d+)?)(?=:))?/.exec(text) ?? [text];
  return name;
}

function fieldOf(facet) {
  const [, name, step] = /^(.*?)(?::(year|month|day|[\d.]+))?$/s.exec(facet);
  return { name, step };
}

function valueTest(facet, value) {
  const { name: field, step } = fieldOf(facet);
  if (!step) return { field, equals: value };
  if (/^\d/.test(step)) return { field, from: Number(value), below: Number(value) + Number(step) };
  const [year, month = 1, day = 1] = value.split("-").map(Number);
  const next = { year: [year + 1, 0, 1], month: [year, month, 1], day: [year, month - 1, day + 1] }[step];
  return { field, from: moment(Date.UTC(year, month - 1, day)), below: moment(Date.UTC(...next)) };
}

function numberTest(text, { times }) {
  const [, field, sign, number] = /^(.+?)\s*(<=|>=|!=|<|>|=)\s*(-?[\d.]+(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
  if (!field) throw new Error(`photosense cannot read the numeric filter ${text}`);
  const value = times.has(field) ? moment(Number(number)) : Number(number);
  if (sign === "!=") return { not: { field, equals: value } };
  if (sign !== "=") return { field, [COMPARED[sign]]: value };
  return times.has(field) ? { field, from: value, to: value } : { field, equals: value };
}

function moment(milliseconds) {
  return new Date(milliseconds).toISOString();
}

const keyOf = ({ body, limit }) => JSON.stringify([body, limit]);

/* The search with its page: by cursor where the page before was read, else by offset; where neither leads, counts alone. */
function withPage(wish, cursors) {
  const { body, counted, limit, page, wantsHits } = wish;
  const cursor = cursors.get(keyOf(wish))?.get(page);
  if (!wantsHits || (!cursor && page * limit > FARTHEST)) return { ...body, ...counted, limit: 1, fields: [] };
  const place = cursor ? { cursor } : page ? { offset: page * limit } : {};
  return { ...body, ...counted, limit, highlight: true, ...place };
}

function remember(cursors, wish, { cursor, more }) {
  if (!cursor || !more) return;
  const key = keyOf(wish);
  const pages = cursors.get(key) ?? new Map();
  pages.set(wish.page + 1, cursor);
  cursors.delete(key);
  cursors.set(key, pages); // the latest last
  if (cursors.size > KEPT) cursors.delete(cursors.keys().next().value);
}

/* How many pages can be reached. */
function reach(wish, cursors) {
  const byCursor = Math.max(0, ...(cursors.get(keyOf(wish))?.keys() ?? []));
  return Math.max(Math.floor(FARTHEST / wish.limit), byCursor) + 1;
}

function resultOf({ indexName, params = {} }, wish, answer, { times }, reachable) {
  const { limit, page, wantsHits, shows } = wish;
  const tags = [params.highlightPreTag ?? "<em>", params.highlightPostTag ?? "</em>"];
  const pages = Math.max(Math.ceil(answer.total / limit), shows && answer.more ? page + 2 : 0);
  const entries = answer.disclaimer ? [{ disclaimer: answer.disclaimer }] : answer.hits;
  const facets = {};
  const stats = {};
  for (const { facet, values, least, most } of answer.facets ?? []) {
    facets[facet] = Object.fromEntries(values.map(({ value, posts }) => [value, posts]));
    if (least === null || most === null || least === undefined) continue;
    const [min, max] = [least, most].map((end) => (typeof end === "string" ? Date.parse(end) : end));
    if (typeof least === "string") times.add(fieldOf(facet).name);
    stats[facet] = { min, max, avg: (min + max) / 2, sum: 0 };
  }
  return {
    index: indexName,
    hits: shows ? entries.map((entry, number) => hitOf(entry, page * limit + number, tags)) : [],
    nbHits: answer.total,
    page,
    nbPages: Math.min(pages, Math.floor(reachable)),
    hitsPerPage: wantsHits ? limit : 0,
    processingTimeMS: Math.round(answer.took_ms),
    query: params.query ?? "",
    params: "",
    exhaustiveNbHits: !answer.more || !answer.query?.text,
    exhaustiveFacetsCount: true,
    facets,
    facets_stats: stats,
    notice: answer.notice ?? null,
    disclaimer: answer.disclaimer ?? null,
    understood: answer.query?.understood ?? [],
    respelled: answer.query?.respelled ?? {},
    country: answer.country ?? null,
  };
}

/* A post with its fields side by side; or the law's sentence, which has nothing of a post but a number to be told by. */
function hitOf(entry, number, tags) {
  if (entry.disclaimer) return { objectID: `withheld-${number}`, disclaimer: entry.disclaimer, _highlightResult: {} };
  const { id, post, match, fit, why, words, highlights = [] } = entry;
  const captions = post.captions ?? [];
  const marked = captions.map(({ text }, caption) => ({
    text: highlighted(text, highlights.filter((one) => one.caption === caption), words, tags),
  }));
  const plain = (value) => ({ value, matchLevel: "none", matchedWords: [] });
  return {
    objectID: id, ...post, text: captions[0]?.text ?? "", match, fit, why, words,
    _highlightResult: {
      captions: marked, text: marked[0]?.text ?? plain(""), tags: (post.tags ?? []).map(plain),
    },
  };
}

/* Spans are counted in code points, as `[...text]` has them. */
function highlighted(text, spans, words, [before, behind]) {
  const letters = [...text];
  const parts = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(letters.slice(at, start).join(""), before, letters.slice(start, end).join(""), behind);
    at = end;
  }
  parts.push(letters.slice(at).join(""));
  return { value: parts.join(""), matchLevel: spans.length ? "partial" : "none", matchedWords: spans.length ? words : [] };
}

function emphasised(value, part, before, behind) {
  const at = part ? value.toLowerCase().indexOf(part.toLowerCase()) : -1;
  if (at < 0) return value;
  return value.slice(0, at) + before + value.slice(at, at + part.length) + behind + value.slice(at + part.length);
}

function problemOf({ detail, code, status }) {
  return Object.assign(new Error(detail), { name: "PhotosenseError", code, status });
}
