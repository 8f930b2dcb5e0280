/* A page of the host site: the usual widgets of InstantSearch, on the search of photosense. */
import { searchClient } from "/photosense-instantsearch.js";
import { Photosense, tokensFrom } from "SERVICEphotosense.js";

const service = new Photosense("SERVICE", { token: tokensFrom("/token"), lang: "en" });
const search = instantsearch({
  indexName: "photos",
  searchClient: searchClient(service, { times: ["attrs.taken"], filter: { field: "attrs.album", equals: "holidays" } }),
  future: { preserveSharedStateOnUnmount: true },
  routing: true,
});
const { widgets } = instantsearch;
window.search = search;
window.failed = [];
search.on("error", ({ error }) => window.failed.push([error.message, error.code]));
search.addWidgets([
  widgets.configure({ hitsPerPage: 8 }),
  widgets.searchBox({ container: "#box" }),
  widgets.stats({ container: "#stats" }),
  widgets.sortBy({
    container: "#sort",
    items: [
      { value: "photos", label: "Best match" },
      { value: "photos/sort/attrs.price:asc", label: "Cheapest" },
      { value: "photos/sort/attrs.taken:desc", label: "Latest taken" },
    ],
  }),
  widgets.refinementList({ container: "#place", attribute: "attrs.place", searchable: true, limit: 3, showMore: true }),
  widgets.refinementList({ container: "#tags", attribute: "tags", operator: "and" }),
  widgets.menu({ container: "#year", attribute: "attrs.taken:year" }),
  widgets.rangeInput({ container: "#price", attribute: "attrs.price" }),
  widgets.rangeInput({ container: "#taken", attribute: "attrs.taken" }),
  widgets.refinementList({ container: "#nowhere", attribute: "attrs.nowhere" }),
  widgets.currentRefinements({ container: "#chosen" }),
  widgets.pagination({ container: "#pages" }),
  widgets.hits({
    container: "#hits",
    templates: {
      empty: (results, { html }) => html`<p>Nothing.</p>`,
      item: (hit, { html, components }) => (hit.disclaimer
        ? html`<p class="disclaimer">${hit.disclaimer}</p>`
        : html`<article data-id="${hit.objectID}">
            ${hit.photo && html`<img src="${hit.photo.small}" alt="" />`}
            <p>${components.Highlight({ hit, attribute: "text" })}</p>
            <small>${hit.attrs.place}, ${hit.attrs.price}</small>
          </article>`),
    },
  }),
]);
search.start();
