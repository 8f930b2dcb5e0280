"""Views that open over another, or before it, in hand: the judge of pages finds nothing wrong, light and dark."""

from pathlib import Path

import pytest

from tests.support.browser import Browser, judged
from tests.support.desk_home import KEY, house_of, pictured, served
from tests.support.photo_page import AXE, SENTENCE, Service, answer, hit, in_browser, problem, serving

R = "document.querySelector('photo-search').shadowRoot"
judges = pytest.mark.skipif(AXE is None, reason="NO JUDGE: pages are not judged without axe-core-python")
SCHEMES = (("ru", False), ("en", True))


@in_browser
@judges
def test_the_door_of_the_desk_and_a_posts_life_shut_nobody_out(chromium: Browser, tmp_path: Path) -> None:
    """The form that asks for a key, what it says of a wrong one, and the line of time of a post that was decided on."""
    with house_of(tmp_path / "home", pictured()) as house:
        with served(house, key=True) as base:
            for lang, dark in SCHEMES:
                page = chromium.page(390, 844, dark=dark)
                page.open(f"{base}/desk?lang={lang}", "document.querySelector('.sign-in')")
                assert (lang, judged(page)) == (lang, [])
                page.run("document.querySelector('[name=key]').focus();")
                page.type(f"not {KEY}")
                page.click(".sign-in button")
                page.until("document.querySelector('.sign-in .fault:not(:empty)')")
                assert (lang, judged(page), page.overflow()) == (lang, [], [])
        with served(house) as base:
            for lang, dark in SCHEMES:
                page = chromium.page(390, 844, dark=dark)
                page.open(f"{base}/desk?lang={lang}", "document.querySelectorAll('.card').length > 1")
                page.run("localStorage.setItem('photosense-desk-name', 'moderator-7');")
                page.open(f"{base}/desk?lang={lang}&named", "document.querySelectorAll('.card').length > 1")
                for key, state in (("1", "clear"), ("z", "waits")):
                    page.run("document.querySelector('.card[aria-label=bridge]').focus();")
                    page.press(key)
                    page.until(f"document.querySelector('.card[aria-label=bridge]').dataset.state === '{state}'")
                page.run("document.querySelector('.card[aria-label=bridge]').focus();")
                page.press("l")
                page.until("document.querySelectorAll('dialog .timeline li').length > 3")
                assert (lang, judged(page), page.overflow()) == (lang, [], [])


@in_browser
@judges
def test_a_large_photo_in_hand_shuts_nobody_out(chromium: Browser) -> None:
    """With all that is known of it and those like it, and where the law keeps it back, on a screen of 390 pixels."""
    whole = hit(1, thumb="/photo.png", consented=True, link="https://photos.example/p1", attrs={"place": "Karelia"})
    whole["highlights"] = [{"caption": 0, "start": 0, "end": 7}]
    service = Service({"sea": answer(whole, hit(2))}, answer(hit(8, thumb="/photo.png"), hit(9)))
    service.posts["held"] = problem(451, SENTENCE, "withheld")
    with serving(service) as base:
        for lang, dark in SCHEMES:
            page = chromium.page(390, 844, dark=dark)
            page.open(f"{base}/?q=sea&lang={lang}", f"{R}?.querySelectorAll('.grid .open').length === 2")
            page.run(f"{R}.querySelector('.grid .open').click();")
            page.until(f"{R}.querySelector('dialog img')?.naturalWidth > 0 && {R}.querySelector('.strip button')")
            assert (lang, judged(page)) == (lang, [])
            page.press("Escape")
            page.until(f"!{R}.querySelector('dialog').open")
            page.run("document.querySelector('photo-search').open('held');")
            page.until(f"{R}.querySelector('dialog').open && {R}.querySelector('dialog').innerText.includes('law')")
            assert (lang, judged(page)) == (lang, [])
