"""<photo-search> on a site of another origin: a token says whose law holds, and is renewed when it is over."""

from collections.abc import Iterator

import pytest

from photosense_client import Client
from tests.support.browser import Browser, browser
from tests.support.host_site import HostSite, host_site
from tests.support.live_service import SITE_KEY, live_service
from tests.support.photo_page import in_browser
from tests.support.small_world import as_base64, photo_file

OVER = "aaaa.bbbb.cccc"  # a token that is refused, as one is whose time is over
POSTS = [
    {"id": "open", "text": "boats leaving the harbour", "attrs": {"public": True}, "child": False,
     "photo": as_base64(photo_file("sea", 3))},
    {"id": "members", "text": "boats in the harbour of members", "attrs": {"public": False}},
    {"id": "held", "text": "boats, and someone on the pier", "child": True, "attrs": {"public": True}},
]  # fmt: skip
SEARCH = "document.querySelector('photo-search')"
SHOWN = f"[...{SEARCH}.shadowRoot.querySelectorAll('.grid > li')].map((tile) => tile.textContent)"
READY = f"{SHOWN}.length > 0 && !{SEARCH}.shadowRoot.querySelector('[aria-busy=true]')"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostSite]:
    """A site whose backend asks the service for tokens, of members and of strangers."""
    with host_site() as host:
        home = tmp_path_factory.mktemp("home")
        with live_service(home, POSTS, allow_origins=[host.origin], renditions=True) as service:
            host.service = service
            with Client(service, SITE_KEY) as backend:
                public = {"field": "attrs.public", "equals": True}
                host.answers("/token", lambda: {"token": backend.visitor_token(country="RU", filter=public).token})
                host.answers("/no-token", dict)
                host.answers("/member", lambda: {"token": backend.visitor_token(country="RU", language="ru").token})
                yield host


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def element(site: HostSite, path: str, attributes: str, script: str = "") -> str:
    """A page of the site with the element in it; gives its address."""
    head = f'<script type="module" src="{site.service}photo-search.js"></script>'
    if script:
        site.file(f"{path}.js", "text/javascript", script)
        head = f'<script type="module" src="{path}.js"></script>{head}'
    site.page(path, f'<photo-search endpoint="{site.service}" lang="en" {attributes}></photo-search>', head)
    return site.url + path.lstrip("/")


@in_browser
def test_a_token_says_whose_law_holds_and_what_is_there(site: HostSite, chromium: Browser) -> None:
    """Without one the strictest rule holds; with one its country does, and what lies outside its filter is not there.

    The photo comes without a token, by its signed address; one that is over is renewed, without a word.
    """
    page = chromium.page()
    page.open(element(site, "/stranger", "browse"), READY)
    assert "No country" in page.see(f"{SEARCH}.shadowRoot.querySelector('.results').innerText")
    page = chromium.page()
    page.open(element(site, "/visitor", f'browse token="{OVER}" token-address="token"'), READY)
    shown = page.see(SHOWN)
    assert len(shown) == 1
    assert "harbour" in shown[0]
    assert site.asked.count("/token") == 1
    page.until(f"{SEARCH}.shadowRoot.querySelector('.grid img').naturalWidth > 0")
    page.run(f"await {SEARCH}.search({{ text: 'boats' }}); await {SEARCH}.open('open');")
    assert site.asked.count("/token") == 1
    headers = page.writes("/v1/search")
    authorizations = [sent["Authorization"] for sent in headers if "Authorization" in sent]
    assert authorizations[0] == f"Bearer {OVER}"
    assert all(sent.count(".") == 2 and sent != authorizations[0] for sent in authorizations[1:])
    assert page.faults() == []


@in_browser
def test_a_page_renews_tokens_by_its_own_function(site: HostSite, chromium: Browser) -> None:
    """Questions that are asked together wait for one token; a visitor that changed asks again as who he is now."""
    script = """
      const search = document.querySelector("photo-search");
      window.calls = 0;
      search.fetchToken = async () => { calls++; return (await (await fetch("member")).json()).token; };
      await customElements.whenDefined("photo-search");
      await search.search({ text: "boats" });
    """
    page = chromium.page()
    page.open(element(site, "/members", "", script), READY)
    assert len([text for text in page.see(SHOWN) if "harbour" in text]) == 2
    page.run(f"await Promise.all([{SEARCH}.search({{ text: 'harbour' }}), {SEARCH}.open('members')]);")
    assert page.see("calls") == 1
    assert "members" in page.see(f"{SEARCH}.shadowRoot.querySelector('dialog').textContent")
    page.run(f"{SEARCH}.close(); {SEARCH}.fetchToken = null; {SEARCH}.setAttribute('token-address', 'token');")
    page.until(f"{SHOWN}.length === 1")
    assert page.faults() == []


@in_browser
def test_where_no_token_comes_a_sentence_does(site: HostSite, chromium: Browser) -> None:
    """The visitor is not asked for under another law instead; the site hears of it by the event."""
    script = """
      const search = document.querySelector("photo-search");
      search.addEventListener("photo-search:error", ({ detail }) => (window.told = detail));
    """
    page = chromium.page()
    for path, attributes, code in [
        ("/none", 'token-address="no-token"', "no_token"),
        ("/gone", 'token-address="nowhere"', "no_token"),
        ("/over", f'token="{OVER}"', "token_refused"),
    ]:
        page.open(element(site, path, f"browse {attributes}", script), "window.told")
        assert page.see("told.code") == code
        assert page.see("told.message") == "This page may not search here any more. Load it again."
    sent = [headers["Authorization"] for headers in page.writes("/v1/search") if "Authorization" in headers]
    assert sent == [f"Bearer {OVER}"]
