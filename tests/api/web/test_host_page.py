"""<photo-search> in a page of a host: its parts take the host's style, and what a host hides the rest does without."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.browser import Browser, Page
from tests.support.photo_page import WEB, Service, answer, hit, in_browser, serving

R = "document.querySelector('photo-search').shadowRoot"
STYLE = """
photo-search::part(filter), photo-search::part(sort) { border-radius: 1px; color: rgb(1, 2, 3); }
photo-search::part(more) { border-radius: 2px; color: rgb(4, 5, 6); }
photo-search::part(lightbox) { border-radius: 3px; color: rgb(7, 8, 9); }
.plain photo-search::part(filters), .plain photo-search::part(strip), .plain photo-search::part(copy) { display: none; }
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title>
<link rel="stylesheet" href="/site.css"><script type="module" src="/photo-search.js"></script></head>
<body class="{kind}"><h1>A site</h1><photo-search browse limit="2" facets="{facets}"></photo-search></body></html>"""
SITE = {
    "/site.css": ("text/css", STYLE),
    "/site": ("text/html", PAGE.format(kind="", facets="attrs.place tags")),
    "/plain": ("text/html", PAGE.format(kind="plain", facets="")),
}


class HostedService(Service):
    """A stand-in for the service on a site that has pages of its own."""

    def respond(self, method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        """A page of the site, or what the service has there."""
        kind, text = SITE.get(urlsplit(target).path, ("", ""))
        return (200, kind, text.encode()) if kind else Service.respond(self, method, target, body)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    known = {"thumb": "/photo.png", "link": "https://photos.example/p", "attrs": {"place": "Karelia"}}
    first = answer(hit(1, **known), hit(2, **known), more=True, cursor="c")
    with serving(HostedService({"": first, "c": answer(hit(3))}, answer(hit(8, **known)))) as address:
        yield address


def open_first(page: Page) -> None:
    """Open the first photo, large, with those like it."""
    page.run(f"{R}.querySelector('.grid .open').click();")
    page.until(f"{R}.querySelector('dialog[open] img')?.naturalWidth > 0 && {R}.querySelector('.strip')")


def looks(page: Page, part: str) -> list[str]:
    """Corners and colour of a part."""
    style = f"getComputedStyle({R}.querySelector('[part={part}]'))"
    found: list[str] = page.see(f"[{style}.borderTopLeftRadius, {style}.color]")
    return found


@in_browser
def test_facets_pager_and_lightbox_take_the_style_of_the_host(chromium: Browser, base: str) -> None:
    """Each part that stands there is named in the contract, and a host's sheet reaches it."""
    page = chromium.page()
    page.open(f"{base}/site", f"{R}?.querySelectorAll('.grid .open').length >= 2")
    open_first(page)
    for part, corner, colour in (
        ("filter", "1px", "rgb(1, 2, 3)"),
        ("sort", "1px", "rgb(1, 2, 3)"),
        ("more", "2px", "rgb(4, 5, 6)"),
        ("lightbox", "3px", "rgb(7, 8, 9)"),
    ):
        assert (part, looks(page, part)) == (part, [corner, colour])
    contract = (WEB / "README.md").read_text("utf-8").partition("Parts, for `::part()`:")[2].partition("##")[0]
    parts = page.see(f"[...{R}.querySelectorAll('[part]')].map((each) => each.getAttribute('part'))")
    assert len(set(parts)) > 20
    assert set(parts) <= set(re.findall(r"`([a-z-]+)`", contract))
    assert page.faults() == []


@in_browser
def test_what_a_host_leaves_out_the_rest_does_without(chromium: Browser, base: str) -> None:
    """Without filters, strip and copying, photos are found, go on page by page, and open large.

    A host that has a viewer of its own keeps the lightbox shut.
    """
    page = chromium.page()
    page.open(f"{base}/plain", f"{R}?.querySelectorAll('.grid .open').length === 3")
    assert page.see(f"{R}.querySelectorAll('[part=filter]').length") == 0, "no field is offered"
    open_first(page)
    for part in ("filters", "strip", "copy"):
        found = f"{R}.querySelector('[part={part}]')"
        assert (part, page.see(f"{found} !== null && !{found}.checkVisibility()")) == (part, True)
    page.press("Escape")
    page.until(f"!{R}.querySelector('dialog').open")
    page.run(
        "window.chosen = [];"
        "document.querySelector('photo-search').addEventListener('photo-search:select', (event) => {"
        "  event.preventDefault(); window.chosen.push(event.detail.hit.id); });"
        f"{R}.querySelectorAll('.grid .open')[1].click();"
    )
    assert page.see("window.chosen") == ["p2"]
    assert not page.see(f"{R}.querySelector('dialog').open")
    assert page.faults() == []
