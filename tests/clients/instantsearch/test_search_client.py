"""The real InstantSearch in a browser, on the real service of another origin: its usual widgets work."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photosense_client import Client
from tests.support.browser import Page, browser
from tests.support.host_site import HostSite, host_site
from tests.support.instantsearch_script import PACKAGE, instantsearch_script
from tests.support.live_service import SITE_KEY, live_service
from tests.support.photo_page import in_browser
from tests.support.small_world import SENTENCE, as_base64, photo_file

HERE = Path(__file__).parent
WEB = Path(__file__).parents[3] / "api" / "web"
NODE = shutil.which("node")
PLACES = ("Karelia", "Altai", "Baikal", "Kamchatka", "Тверь")
WORDS = ("boats in the harbour", "a lighthouse at dusk", "snow on the ridge", "the old tram bridge")
PARTS = "box stats sort place tags year price taken nowhere chosen pages hits".split()  # noqa: SIM905


def album() -> list[dict[str, Any]]:
    """Forty posts of one album, a post of another, and one that the law withholds."""
    written: list[dict[str, Any]] = []
    for number in range(40):
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        attrs = {
            "album": "holidays", "place": PLACES[min(number % 6, 4)], "price": number * 5,
            "taken": f"20{20 + number % 4}-06-{number % 28 + 1:02}T12:00:00Z",
        }  # fmt: skip
        photo = as_base64(photo_file(("sea", "mountains", "city")[number % 3], number))
        text, tags = f"{WORDS[number % 4]}, views {letters}", ["sea" if number % 2 else "land"]
        post = {"id": f"p{number}", "text": text, "tags": tags, "attrs": attrs, "photo": photo, "child": False}
        written.append(post)
    other = {"id": "other", "text": "boats in the harbour of work", "attrs": {"album": "work"}}
    held = {
        "id": "held",
        "text": "boats in the harbour and a toddler",
        "child": True,
        "attrs": {"album": "holidays", "price": 999},
    }
    return [*written, other, held]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostSite]:
    """A site whose page has the widgets, served under a strict policy beside InstantSearch itself."""
    library = instantsearch_script(tmp_path_factory.mktemp("npm"))
    with host_site() as host:
        home = tmp_path_factory.mktemp("home")
        with live_service(home, album(), allow_origins=[host.origin], renditions=True) as service:
            host.service = service
            head = '<link rel="stylesheet" href="/page.css"><script src="/instantsearch.js"></script>'
            head += '<script type="module" src="/app.js"></script>'
            left = "".join(f'<div id="{part}"></div>' for part in PARTS[2:10])
            body = '<header><div id="box"></div><div id="stats"></div></header>'
            host.page("/", f'{body}<aside>{left}</aside><main><div id="hits"></div><div id="pages"></div></main>', head)
            host.file("/page.css", "text/css", (HERE / "page.css").read_text())
            host.file("/instantsearch.js", "text/javascript", library)
            host.file("/app.js", "text/javascript", (HERE / "app.js").read_text().replace("SERVICE", service))
            module = (PACKAGE / "photosense-instantsearch.js").read_text()
            host.file("/photosense-instantsearch.js", "text/javascript", module)
            with Client(service, SITE_KEY) as backend:
                host.answers("/token", lambda: {"token": backend.visitor_token(country="RU").token})
                yield host


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium.page()


def opened(page: Page, site: HostSite, query: str = "") -> None:
    page.open(site.url + query, "window.search?.status === 'idle' && document.querySelector('#hits')?.children.length")


def texts(page: Page, selector: str) -> list[str]:
    found: list[str] = page.see(f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.innerText)")
    return found


def ids(page: Page) -> list[str]:
    found: list[str] = page.see("[...document.querySelectorAll('#hits article')].map((each) => each.dataset.id)")
    return found


def shown(page: Page, *wanted: str) -> None:
    """Wait for these hits."""
    now = "JSON.stringify([...document.querySelectorAll('#hits article')].map((each) => each.dataset.id))"
    page.until(f"{now} === {json.dumps(json.dumps(wanted, separators=(',', ':')))}")


@in_browser
def test_without_words_the_newest_are_listed_and_paged_through(page: Page, site: HostSite) -> None:
    """Stats count what this visitor may see, pages lead to the last post, photos come by their signed addresses."""
    opened(page, site)
    assert texts(page, "#stats")[0].startswith("40 results")
    first = ids(page)
    assert len(first) == 8
    page.until("document.querySelector('#hits img').naturalWidth > 0")
    page.click("#pages a", "3")
    page.until("document.querySelector('#pages .ais-Pagination-item--selected').innerText === '3'")
    page.until(f"document.querySelector('#hits article').dataset.id !== {json.dumps(first[0])}")
    assert not {*ids(page)} & {*first}
    page.until("location.search === '?photos%5Bpage%5D=3'")
    page.click("#pages .ais-Pagination-item--lastPage a")
    page.until("document.querySelector('#pages .ais-Pagination-item--selected').innerText === '5'")
    assert page.see("failed") == []


@in_browser
def test_words_are_searched_and_marked(page: Page, site: HostSite) -> None:
    """What is typed is found, its words are marked in the caption, and the withheld post is nowhere."""
    opened(page, site)
    page.run("document.querySelector('#box input').focus();")
    page.type("lighthouse")
    page.until("document.querySelectorAll('#hits mark').length === 8")
    assert {*texts(page, "#hits mark")} == {"lighthouse"}
    assert texts(page, "#stats")[0].startswith("10 results")
    opened(page, site, "?photos%5Bquery%5D=toddler")
    assert texts(page, "#hits .disclaimer") == [SENTENCE]
    assert "999" not in page.text()


@in_browser
def test_refinements_narrow_and_are_counted(page: Page, site: HostSite) -> None:
    """Of a list several may be chosen, each with its count; values are searched; a field that nobody has is empty."""
    opened(page, site)
    assert texts(page, "#place .ais-RefinementList-labelText") == ["Тверь", "Altai", "Baikal"]
    assert texts(page, "#place .ais-RefinementList-count") == ["12", "7", "7"]
    assert texts(page, "#nowhere .ais-RefinementList-labelText") == []
    page.click("#place label", "Baikal")
    page.until("document.querySelector('#stats').innerText.startsWith('7 results')")
    page.click("#place label", "Altai")
    page.until("document.querySelector('#stats').innerText.startsWith('14 results')")
    assert {*texts(page, "#place .ais-RefinementList-count")} == {"7", "12"}
    page.run("const box = document.querySelector('#place input[type=search]'); box.focus();")
    page.type("kam")
    page.until("document.querySelector('#place .ais-RefinementList-labelText')?.innerText === 'Kamchatka'")
    assert texts(page, "#place mark") == ["Kam"]
    page.click("#tags label", "sea")
    page.until("document.querySelector('#stats').innerText.startsWith('7 results')")
    page.click("#year a", "2021")
    page.until("document.querySelector('#stats').innerText.startsWith('4 results')")
    assert len(texts(page, "#chosen .ais-CurrentRefinements-category")) == 4
    assert page.see("failed") == []
    page.until("location.search.includes('year')")
    address = page.see("location.href")
    before = ids(page)
    page.open("about:blank")
    page.open(address)
    shown(page, *before)


@in_browser
def test_numbers_and_times_have_ranges_and_orders(page: Page, site: HostSite) -> None:
    """The ends of a range are those of what may be seen; an order by a field holds over all pages."""
    opened(page, site)
    ends = page.see("[...document.querySelectorAll('#price input')].map((each) => each.placeholder)")
    assert ends == ["0", "195"]
    times = page.see("[...document.querySelectorAll('#taken input')].map((each) => each.placeholder)")
    assert [page.see(f"new Date({end}).getUTCFullYear()") for end in times] == [2020, 2023]
    page.run("search.helper.setIndex('photos/sort/attrs.price:asc').search();")
    shown(page, *(f"p{number}" for number in range(8)))
    opened(
        page, site, "?photos%5Brange%5D%5Battrs.price%5D=50%3A70&photos%5BsortBy%5D=photos%2Fsort%2Fattrs.price%3Aasc"
    )
    shown(page, "p10", "p11", "p12", "p13", "p14")
    assert page.faults() == []


SCRIPT = """
import { Photosense } from "WEB/photosense.js";
import { searchClient } from "PACKAGE/photosense-instantsearch.js";
const client = searchClient(new Photosense(process.argv[2], { token: process.argv[3] }), {
  facets: ["tags"], filter: { field: "attrs.album", equals: "holidays" },
});
const counts = async (params, indexName = "photos") =>
  (await client.search([{ indexName, params }])).results[0].nbHits;
const refused = async (params) => counts(params).catch((error) => error.message);
const said = {};
said.not = await counts({ facetFilters: ["tags:-sea", ["attrs.place:Altai", "attrs.place:-Altai"]] });
said.steps = await counts({ facetFilters: ["attrs.price:100:100", ["attrs.taken:month:2020-06"]] });
said.day = await counts({ facetFilters: ["attrs.taken:day:2020-06-05"] });
const either = ["attrs.price<60", "attrs.price=65"];
said.numbers = await counts({ numericFilters: ["attrs.price>=50", either, "attrs.price!=50"] });
said.json = await counts({ filters: '{"field": "attrs.place", "equals": "Altai"}' });
said.grammar = await refused({ filters: "place:Altai AND NOT x" });
said.map = await refused({ aroundLatLng: "1,2" });
said.order = await counts({}, "photos/sort/tags").catch((error) => error.code);
const asked = async (params) => (await client.search([{ indexName: "photos", params }])).results[0];
const pages = [];
for (let page = 0; page < 9; page++) {
  const result = await asked({ page, hitsPerPage: 7, facets: ["*"] });
  pages.push(result.hits.map((hit) => hit.objectID));
  said.last = [result.nbPages, result.facets.tags];
}
said.pages = pages.map((page) => page.length);
said.once = new Set(pages.flat()).size;
const jump = await asked({ page: 200, hitsPerPage: 5 });
said.jump = [jump.hits.length, jump.nbHits, jump.nbPages];
const { hits } = await asked({ query: "tram", hitsPerPage: 1 });
said.marked = hits[0]._highlightResult.captions[0].text.value.replace(/views.*/, "");
const [values] = await client.searchForFacetValues([{ indexName: "photos", params: {
  facetName: "attrs.place", facetQuery: "kam", query: "bridge", highlightPreTag: "[", highlightPostTag: "]" } }]);
said.values = values.facetHits.map(({ value, highlighted }) => [value, highlighted]);
console.log(JSON.stringify(said));
"""


@pytest.mark.skipif(NODE is None, reason="NO NODE: what widgets seldom ask of the InstantSearch adapter is untested")
def test_what_widgets_seldom_ask(site: HostSite, tmp_path: Path) -> None:
    """Exclusions, steps, alternatives, pages by cursor, jumps too far, and what is not to be had, which says so."""
    with Client(site.service, SITE_KEY) as backend:
        token = backend.visitor_token(country="RU").token
    script = tmp_path / "script.mjs"
    script.write_text(SCRIPT.replace("WEB", WEB.as_uri()).replace("PACKAGE", PACKAGE.as_uri()))
    assert NODE is not None
    ran = subprocess.run([NODE, script, site.service, token], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert 'reads "filters" as JSON' in said.pop("grammar")
    assert said.pop("map") == "photosense knows no aroundLatLng: use a filter instead."
    assert said == {
        "not": 20,
        "steps": 5,
        "day": 2,
        "numbers": 2,
        "json": 7,
        "order": "wrong_filter",
        "last": [6, {"land": 20, "sea": 20}],
        "pages": [7, 7, 7, 7, 7, 5, 0, 0, 0],
        "once": 40,
        "jump": [0, 40, 8],
        "marked": "the old <em>tram</em> bridge, ",
        "values": [["Kamchatka", "[Kam]chatka"]],
    }
