"""The desk in a real browser, on the real service: what a moderator sees, does and takes back."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

from tests.support.browser import Browser, judged
from tests.support.desk_home import KEY, finds, house_of, pictured, served, waiting, word
from tests.support.http_client import client_from
from tests.support.photo_page import AXE, in_browser
from tests.support.small_world import photo_file

CURRENT = "document.querySelector('.card[aria-current]')"
NAMED = "localStorage.setItem('photosense-desk-name', 'moderator-7');"


def state(card: str) -> str:
    """Of a post's card, in the browser."""
    return f"document.querySelector('.card[aria-label=\"{card}\"]').dataset.state"


@in_browser
def test_a_moderator_looks_decides_and_takes_back(chromium: Browser, tmp_path: Path) -> None:
    """Photos are smeared until looked at, and each look is on record; words that made a post wait are marked."""
    with house_of(tmp_path / "home", [*pictured(), *waiting(30)]) as house, served(house) as base:
        page = chromium.page()
        page.open(f"{base}/desk?lang=en", "document.querySelectorAll('.card').length >= 24")
        page.run(NAMED)
        page.open(f"{base}/desk?lang=en", "document.querySelectorAll('.card').length >= 24")
        audit = house.settings.audit_path

        def looks() -> int:
            return audit.read_text().count('"event": "looked"')

        # The photo comes with a look, and not before.
        bridge = ".card[aria-label=bridge]"
        page.run(f"document.querySelector('{bridge}').focus();")
        assert page.see(f"document.querySelector('{bridge} mark').textContent") == "Девочка"
        assert "The text names a boy or a girl" in page.see(f"document.querySelector('{bridge} .reasons').innerText")
        assert "<img src=x onerror=alert(1)>" in page.see(f"document.querySelector('{bridge}').innerText")
        assert page.see(f"document.querySelector('{bridge} a').rel") == "noopener noreferrer"
        page.until(f"document.querySelector('{bridge} img').naturalWidth > 0")
        assert page.see(f"Math.max(document.querySelector('{bridge} img').naturalWidth, 14)") == 14
        assert (looks(), any("size=1600" in asked for asked in page.requests())) == (0, False)
        page.press(" ")
        page.until(f"document.querySelector('{bridge} img').naturalWidth > 14")
        assert looks() == 1

        # Keys lead from post to post.
        page.press("k")
        assert page.see(f"{CURRENT}.ariaLabel") != "bridge"
        page.press("j")
        assert page.see(f"{CURRENT}.ariaLabel") == "bridge"

        # A copy stands beside the held post that it is like.
        assert "first" in page.see("document.querySelector('.card[aria-label=again] .original').innerText")

        # Keys decide, wherever they lie; what is decided holds for the next question.
        with client_from(house.app()) as visitor:
            assert finds(visitor, "моста") == []
            page.press("1")
            page.until(f"{state('bridge')} === 'clear'")
            assert finds(visitor, "моста") == ["bridge"]
            page.press("я", code="KeyZ")
            page.until(f"{state('bridge')} === 'waits'")
            assert finds(visitor, "моста") == []
            page.press("2")
            page.until(f"{state('bridge')} === 'child'")
            assert "2 decisions today · 1 taken back" in page.text()

            # Together is decided what was on screen, and looked at, and nothing else.
            page.run("document.querySelector('.card').focus(); scrollTo(0, 0);")
            page.press("a")
            chosen = page.see("[...document.querySelectorAll('.card.chosen')].map((card) => card.ariaLabel)")
            shown = page.see(
                "[...document.querySelectorAll('.card')].filter((card) => "
                "card.getBoundingClientRect().top < innerHeight && card.dataset.state === 'waits')"
                ".map((card) => card.ariaLabel)"
            )
            assert chosen
            assert set(chosen) <= set(shown)
            assert "again" not in chosen
            page.press("1")
            page.until(f"{state(chosen[0])} === 'clear' && {state(chosen[-1])} === 'clear'")
            assert finds(visitor, word(int(chosen[0][-3:]))) == [chosen[0]]
            page.press("z")
            page.until(f"{state(chosen[0])} === 'waits' && {state(chosen[-1])} === 'waits'")
            assert finds(visitor, word(int(chosen[0][-3:]))) == []

            # A consent is recorded with its terms.
            page.run(f"document.querySelector('.card[aria-label=\"{chosen[0]}\"]').focus();")
            page.press("3")
            page.type("form-4711")
            page.run("document.querySelector('dialog [name=countries]').focus();")
            page.type("ru")
            page.click("dialog button.main")
            page.until(f"{state(chosen[0])} === 'consented'")
            assert client_from(house.app()).get(f"/v1/posts/{chosen[0]}?country=RU").status_code == 200
            assert client_from(house.app()).get(f"/v1/posts/{chosen[0]}?country=DE").status_code == 451

        # Its life is told; keys of an open dialog decide nothing.
        page.run("document.querySelector('.card[aria-label=bridge]').focus();")
        page.press("l")
        page.until("document.querySelectorAll('dialog .timeline li').length > 4")
        told = page.see("document.querySelector('dialog').innerText")
        for says in (
            "It came in",
            "moderator-7 decided: no child",
            "took the last decision back",
            "looked at by moderator-7: 1",
        ):
            assert says in told
        page.press("1")
        page.press("Escape")
        page.until("!document.querySelector('dialog')")
        assert page.see(state("bridge")) == "child"
        page.press("?")
        page.until("document.querySelector('dialog .key-help')")
        page.press("Escape")

        # Filters leave what fits; a name is typed without deciding anything.
        page.run(
            "const [, author] = document.querySelectorAll('.pick select'); author.value = 'u1';"
            "author.dispatchEvent(new Event('change'));"
        )
        page.until("document.querySelectorAll('.card').length === 10")
        page.click(".kinds button", "Not looked at")
        page.until("document.querySelector('.empty')?.textContent === 'Nothing that waits fits these filters.'")
        page.click(".kinds button", "All")
        page.until("document.querySelectorAll('.card').length === 10")
        page.run("document.querySelector('#decider').focus();")
        for key in "12":
            page.press(key)
        assert page.see("[...document.querySelectorAll('.card')].every((card) => card.dataset.state === 'waits')")
        assert page.faults() == []
        assert [asked for asked in page.requests() if not asked.startswith(base)] == []


@in_browser
def test_a_hundred_decisions_by_keys_hold_for_the_next_search(chromium: Browser, tmp_path: Path) -> None:
    """Cleared, held, and taken back: after each of them a visitor finds the post, or finds it no more."""
    with house_of(tmp_path / "home", waiting(100)) as house, served(house) as base:
        page = chromium.page(1100, 800)
        page.open(f"{base}/desk", "document.querySelector('.card')")
        page.run(NAMED)
        decided = dict[str, str]()

        with client_from(house.app()) as visitor:

            def press(key: str, becomes: str, post: str) -> None:
                page.press(key)
                page.until(f"{state(post)} === '{becomes}'")
                assert finds(visitor, word(int(post[-3:]))) == ([post] if becomes == "clear" else [])

            for number in range(100):
                page.until(f"{CURRENT}?.dataset.state === 'waits'")
                post = page.see(f"{CURRENT}.ariaLabel")
                assert post not in decided
                decided[post] = "clear" if number % 2 else "child"
                press("1" if number % 2 else "2", decided[post], post)
                if number % 5 == 0:
                    press("z", "waits", post)
                    press("2" if number % 2 else "1", "child" if number % 2 else "clear", post)
                    decided[post] = "child" if number % 2 else "clear"
            assert len(decided) == 100
            queue = visitor.get("/v1/review").json()
            facts = {post: visitor.get(f"/v1/posts/{post}/compliance").json()["facts"] for post in decided}
        assert queue["total"] == 0
        assert {post: each["child"] for post, each in facts.items()} == decided
        assert {each["by"] for each in facts.values()} == {"moderator-7"}
        events = [json.loads(line)["event"] for line in house.settings.audit_path.read_text().splitlines()]
        assert (events.count("decided"), events.count("undone")) == (120, 20)


@in_browser
def test_the_desk_is_for_who_has_a_key_and_fits_every_screen(chromium: Browser, tmp_path: Path) -> None:
    """Without one there is a form and nothing else; in both languages, light and dark, nothing overflows at 320."""
    with house_of(tmp_path / "home", [*pictured(), *waiting(4)]) as house:
        with served(house, key=True) as base:
            page = chromium.page(390, 844)
            page.open(f"{base}/desk?lang=ru", "document.querySelector('.sign-in')")
            assert not page.see("document.querySelector('nav, .card')")
            for key, found in (("wrong", ".fault:not(:empty)"), (KEY, ".card")):
                page.run("document.querySelector('[name=key]').value = '';")
                page.run("document.querySelector('[name=key]').focus();")
                page.type(key)
                page.click(".sign-in button")
                page.until(f"document.querySelector('{found}')")
            page.run(NAMED)
            page.press("1")
            page.until("document.querySelector('.card[data-state=clear]')")
            assert all("X-Desk-Token" in headers for headers in page.writes("/v1/review"))
            page.open(f"{base}/desk?lang=ru&again", "document.querySelector('.card')")  # the session goes on
            page.click("button", "Выйти")
            page.until("document.querySelector('.sign-in') && !document.querySelector('.card')")
            assert page.faults() == []
        with served(house) as base:
            for lang, dark in (("en", False), ("ru", True)):
                page = chromium.page(320, 700, dark=dark)
                page.open(f"{base}/desk?lang={lang}", "document.querySelectorAll('.card').length === 5")
                assert page.overflow() == []
                page.run("document.querySelector('.card').focus();")
                page.press("l")
                page.until("document.querySelector('dialog .timeline')")
                assert page.overflow() == []
                text = page.text()
                assert ("История" in text) == (lang == "ru")
                page.press("Escape")
                for view, ready in {
                    "takedown": "[name=target]",
                    "records": "[name=post]",
                    "import": ".drop",
                    "status": ".figures",
                }.items():
                    page.run(f"location.hash = {view!r};")
                    page.until(f"document.querySelector('{ready}')")
                    assert page.overflow() == []
                assert ("the chain is whole" in page.text(), "цепь цела" in page.text()) == (lang == "en", lang == "ru")
                assert page.see("document.querySelector('a.figure strong').textContent") == "5"
                for english in ("No child", "Its life", "came in", "The text names"):
                    assert (english in text) == (lang == "en"), english


@in_browser
def test_nothing_goes_but_what_was_shown(chromium: Browser, tmp_path: Path) -> None:
    """Who types on behind what is shown sees no order for it any more, until he is shown what that would reach."""
    with house_of(tmp_path / "home", pictured()) as house, served(house) as base:
        page = chromium.page()
        page.open(f"{base}/desk?lang=en#takedown", "document.querySelector('[name=target]')")
        page.run(NAMED)
        page.run("document.querySelector('[name=target]').focus();")
        page.type("bridge")
        page.until("document.querySelector('.small-post[aria-label=bridge]')")
        page.run(
            "const field = document.querySelector('[name=target]'); field.value = 'bridg';"
            "field.dispatchEvent(new Event('input'));"
            "document.body.dataset.orders = document.querySelectorAll('.order').length;"
        )
        assert page.see("document.body.dataset.orders") == "0"
        page.until("document.querySelector('.order')")
        assert page.see("document.querySelectorAll('.small-post').length") == 0


def test_a_key_that_is_held_decides_once(chromium: Browser, tmp_path: Path) -> None:
    """Nobody clears what he has not seen by leaving a finger on a key."""
    with house_of(tmp_path / "home", waiting(3)) as house, served(house) as base:
        page = chromium.page(1100, 800)
        page.open(f"{base}/desk", "document.querySelector('.card')")
        page.run(NAMED)
        page.run(
            "for (const repeat of [false, true, true])"
            " dispatchEvent(new KeyboardEvent('keydown', { code: 'Digit1', key: '1', repeat }));"
        )
        page.until("document.querySelector('.card[data-state=clear]')")
        assert page.see("document.querySelectorAll('.card[data-state=waits]').length") == 2


def test_what_would_go_is_shown_before_it_goes_and_consents_end_at_a_click(chromium: Browser, tmp_path: Path) -> None:
    """A takedown by id and by a dropped photo; the proof stands below; the evidence of today is a file."""
    posts = [
        *pictured(),
        {
            "id": "agreed",
            "text": "Our kid by the old harbour",
            "thumb": "https://photos.example/t/agreed.jpg",
            "consent": {"record": "form-8", "countries": ["RU"]},
        },
    ]
    bridge = photo_file("city", seed=5)
    with house_of(tmp_path / "home", posts) as house, served(house) as base, client_from(house.app()) as site:
        page = chromium.page()
        page.open(f"{base}/desk?lang=en#takedown", "document.querySelector('[name=target]')")
        page.run(NAMED)
        page.run("document.querySelector('[name=target]').focus();")
        page.type("agreed")
        page.until("document.querySelector('.small-post')")
        assert "1 post would go" in page.text()
        assert page.see("document.querySelector('.small-post .photo a').href") == "https://photos.example/t/agreed.jpg"
        page.shape(390, 844, dark=True)
        assert AXE is None or judged(page) == []
        page.shape(1440, 900)
        page.run("document.querySelector('[name=target]').value = '';")
        page.type("https://photos.example/p/bridge")
        page.until("document.querySelector('.small-post[aria-label=bridge]')")
        assert "Taken for a link" in page.text()
        page.drop("[name=target]", [("bridge.png", "image/png", bridge)])
        page.until("document.querySelector('.small-post[aria-label=bridge]')")
        assert page.see("document.querySelectorAll('.small-post').length") == 1
        assert site.get("/v1/posts/bridge/compliance").status_code == 200
        page.run("document.querySelector('[name=reason]').focus();")
        page.type("order 12")
        page.click(".order button", "Take 1 post down")
        page.until("document.querySelector('tbody td code')")
        assert "order 12" in page.text()
        assert site.get("/v1/posts/bridge/compliance").status_code == 404
        assert house.law.takedowns.all()[0].by == "moderator-7"

        page.open(f"{base}/desk?lang=en&again#records", "document.querySelector('.small-post[aria-label=agreed]')")
        assert "form-8 \u00b7 Russia \u00b7 for good" in page.text()
        assert site.get("/v1/posts/agreed?country=RU").status_code == 200
        page.click(".small-post button", "Take it back")
        page.until("document.querySelector('.small-post.gone')")
        assert "No post is shown by a consent." in page.text()
        assert site.get("/v1/posts/agreed?country=RU").status_code == 451
        page.run("document.querySelector('[name=post]').focus();")
        page.type("bridge")
        page.click("form.row button", "Show")
        page.until("document.querySelector('dialog .timeline')?.textContent.includes('Gone with a takedown.')")
        page.press("Escape")
        page.click("button", "Make the evidence pack")
        page.until("document.querySelector('#said').textContent === 'The evidence pack is made.'")
        assert page.faults() == []

        today = datetime.now(UTC).date()
        packed = ZipFile(io.BytesIO(site.get(f"/v1/evidence?from={today}&to={today}").content))
        assert packed.namelist() == ["acts.csv", "counts.csv", "evidence.html"]
        assert "moderator-7" in packed.read("acts.csv").decode()
        wrong = site.get(f"/v1/evidence?from={today}&to=2020-01-01")
        assert (wrong.status_code, "earlier day first" in wrong.text) == (422, True)
