"""The page of topics in a real browser: a mosaic of photos, a map, a list, in both languages and on every screen."""

from collections.abc import Iterator
from itertools import combinations
from math import hypot
from typing import Any

import pytest

from tests.support.browser import Browser, Page, judged
from tests.support.photo_page import AXE, Service, answer, hit, in_browser, serving

EMPTY, WORDY = 9, 10  # a topic of which nothing may be seen, and one whose posts have no photos
TOPICS = [
    {
        "topic": number,
        "share": 0.2 / (number + 1),
        "words": [f"слово{number}", "закат", f"word{number}", "sunset" * (1 + 4 * (number == 3))],
        "x": (number * 7 % 12) / 11,
        "y": (number * 5 % 12) / 11,
    }
    for number in range(12)
]
SHOWN = "document.querySelector('#topics[aria-busy=false]')"
TILES = "[...document.querySelectorAll('#topics li:not([hidden])')]"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The page on a service with a dozen topics."""
    photos = answer(hit(1, thumb="/photo.png"), hit(2, thumb="/wide.png"), hit(3, thumb="/high.png"))
    service = Service({"": photos})
    service.topics = TOPICS
    service.typical = {number: photos for number in range(12) if number != EMPTY} | {WORDY: answer(hit(4))}
    with serving(service) as address:
        yield address


def boxes(page: Page) -> list[list[float]]:
    found: list[list[float]] = page.see(
        f"{TILES}.map((tile) => tile.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"
    )
    return found


@in_browser
def test_topics_are_a_mosaic_a_map_and_a_list(chromium: Browser, base: str) -> None:
    """A switch leads from one to the other, Back leads back, and a click on a topic leads to its photos."""
    page = chromium.page(1440, 900)
    page.open(f"{base}/topics?lang=ru", SHOWN)
    assert page.see("document.querySelectorAll('#topics img').length") == 30
    assert page.see(f"{TILES}.length") == 11, "that of which nothing may be seen has no tile"
    assert page.see(f"{TILES}.at(-2).innerText.split(/\\n+/)") == ["слово10, закат", "word10, sunset"]
    words = "document.querySelector('main h1').textContent + document.querySelector('#views').innerText"
    assert page.see(words).split() == ["ТемыМозаика", "Карта", "Список"]
    page.click("#views button", "Карта")
    assert page.see("[location.search, document.querySelector('#topics').className]") == ["?lang=ru&view=map", "map"]
    page.click("#views button", "Список")
    assert "20\xa0%" in page.see(f"{TILES}[0].innerText")
    assert all(bottom - top < 90 for _, top, _, bottom in boxes(page)), "a line of the list is a line"
    page.run("history.back();")
    page.until("document.querySelector('#topics').className === 'map'")
    page.click(".languages a", "EN")
    page.until(f"document.documentElement.lang === 'en' && {SHOWN}")
    assert page.see("document.querySelector('#topics').className") == "map"
    assert page.see(f"{TILES}[2].innerText.split('\\n')[0]") == "word2, sunset"
    page.click("#topics a", "word2")
    page.until("document.querySelector('photo-search')?.shadowRoot?.querySelectorAll('.grid img').length === 3")
    assert page.see("location.search") == "?lang=en&more=2"
    assert page.faults() == []
    assert [asked for asked in page.requests() if not asked.startswith(base)] == []


@in_browser
def test_no_two_topics_of_the_map_lie_on_one_another_or_look_alike(chromium: Browser, base: str) -> None:
    """Those that lie near have colours that are told apart, wide and narrow."""
    for width in (1440, 390):
        page = chromium.page(width, 900)
        page.open(f"{base}/topics?lang=en&view=map", SHOWN)
        for (left, top, right, bottom), (left2, top2, right2, bottom2) in combinations(boxes(page), 2):
            assert min(right, right2) - max(left, left2) < 1 or min(bottom, bottom2) - max(top, top2) < 1
    hues = [float(hue) for hue in page.see(f"{TILES}.map((tile) => tile.style.getPropertyValue('--hue'))")]
    places: list[Any] = [topic for topic in TOPICS if topic["topic"] != EMPTY]
    near = sorted(
        combinations(range(11), 2),
        key=lambda pair: hypot(*(places[pair[0]][axis] - places[pair[1]][axis] for axis in "xy")),
    )
    for one, other in [*near[:11], *((place, place + 1) for place in range(10))]:
        difference = abs(hues[one] - hues[other])
        assert min(difference, 360 - difference) > 25


@in_browser
@pytest.mark.skipif(AXE is None, reason="NO JUDGE: pages are not judged without axe-core-python")
def test_topics_shut_nobody_out(chromium: Browser, base: str) -> None:
    """The judge finds nothing wrong with any view, light and dark; nothing overflows, down to 320 pixels."""
    for lang, dark in (("en", False), ("ru", True)):
        page = chromium.page(1440, 900, dark=dark)
        for view in ("mosaic", "map", "list"):
            page.shape(1440, 900, dark=dark)
            page.open(f"{base}/topics?lang={lang}&view={view}&dark={dark}", SHOWN)
            assert (view, dark, judged(page)) == (view, dark, [])
            for width in (390, 320):
                page.shape(width, 800, dark=dark)
                page.until("document.documentElement.scrollWidth <= innerWidth")  # the map is laid out anew
                assert (view, width, page.overflow()) == (view, width, [])
