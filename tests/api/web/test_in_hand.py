"""The page in hand: on a phone and on a desk, by fingers, keys and clicks as a visitor's own."""

from collections.abc import Iterator

import pytest

from tests.support.browser import Browser, Page
from tests.support.photo_page import SENTENCE, Service, answer, hit, in_browser, photo_bytes, serving

EXAMPLES = {"examples": [{"label": "an evening", "labels": {"ru": "вечер"}, "text": "sea", "photo": None}]}
R = "document.querySelector('photo-search').shadowRoot"
SHOWN = f"{R}?.querySelector('.results')?.dataset.state === 'shown'"


@pytest.fixture(scope="module")
def service() -> Service:
    """It finds photos by “sea”, the newest without a question, and withholds what is asked of kids."""
    photos = [hit(number, thumb="/photo.png", attrs={"taken": "2024-05-01"}) for number in range(1, 5)]
    refused = answer(disclaimer=SENTENCE)
    return Service({"sea": answer(*photos), "": answer(*photos[:2]), "kids": refused}, answer(photos[2]), demo=EXAMPLES)


@pytest.fixture(scope="module")
def base(service: Service) -> Iterator[str]:
    with serving(service) as address:
        yield address


def swipe(page: Page, across: int) -> None:
    """Wipe with a finger over the middle of the photo."""
    places = [{"x": 195 + step * across // 4, "y": 160} for step in range(5)]
    page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[places[0]])
    for place in places[1:]:
        page.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[place])
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


@in_browser
def test_a_finger_turns_photos_and_esc_closes_them(chromium: Browser, base: str) -> None:
    """On a phone a wipe to the left shows the next one, one to the right that before; Esc gives the focus back."""
    page = chromium.page(390, 844)
    page.call("Emulation.setTouchEmulationEnabled", enabled=True)
    page.open(f"{base}/?q=sea&lang=ru", SHOWN)
    page.run(f"{R}.querySelectorAll('.grid .open')[1].click();")
    page.until(f"{R}.querySelector('dialog img')?.getBoundingClientRect().height > 40")
    for across, post in ((-160, "p3"), (-160, "p4"), (160, "p3")):
        swipe(page, across)
        page.until(f"location.search.endsWith('post={post}')")
    assert "Открыть" not in page.see(f"{R}.querySelector('.deeds').innerText"), "this post has no link"
    page.press("Escape")
    page.until(f"!{R}.querySelector('dialog').open")
    page.until(f"{R}.activeElement?.closest('li')?.dataset.post === 'p3'")
    assert page.faults() == []


@in_browser
def test_examples_fold_days_are_chosen_and_the_link_is_saved(chromium: Browser, base: str, service: Service) -> None:
    """An example is a question; days of a range go into it; a click copies the address that leads to it."""
    page = chromium.page()
    page.open(f"{base}/?lang=ru", SHOWN)
    assert page.see("document.querySelector('#examples').open")
    page.click("#examples button", "вечер")
    page.until(f"{SHOWN} && {R}.querySelectorAll('.grid > li').length === 4")
    assert not page.see("document.querySelector('#examples').open")
    page.run(
        f"[...{R}.querySelectorAll('.filters > button')].find((chip) => chip.textContent.includes('Снято')).click();"
    )
    page.until(f"{R}.querySelector('.menu:popover-open input[type=date]')?.min === '2024-03-01'")
    page.run(
        f"const [from] = {R}.querySelectorAll('.menu:popover-open input[type=date]');"
        "from.value = '2024-04-01'; from.dispatchEvent(new Event('change'));"
    )
    page.until(f"location.search.includes('when=') && {SHOWN}")
    assert service.questions()[-1]["filter"] == {"field": "attrs.taken", "from": "2024-04-01"}
    page.run("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
    page.run(f"{R}.querySelector('[part=copy-question]').click();")
    assert page.see("[window.copied === location.href, location.search]") == [
        True,
        "?lang=ru&q=sea&when=attrs.taken%3A2024-04-01..",
    ]
    assert page.faults() == []


@in_browser
def test_a_withheld_question_offers_ways_on(chromium: Browser, base: str) -> None:
    """Beside the sentence stand an empty box, and the newest photos, at a click."""
    page = chromium.page(390, 844)
    for label, state in (("Спросить о другом", "idle"), ("Показать новые фото", "shown")):
        page.open(f"{base}/?q=kids&lang=ru&{state}", f"{R}?.querySelector('.results')?.dataset.state === 'withheld'")
        assert SENTENCE in page.see(f"{R}.querySelector('.results').innerText")
        page.run(f"[...{R}.querySelectorAll('.ways-on button')].find((way) => way.textContent === '{label}').click();")
        page.until(f"{R}.querySelector('.results').dataset.state === '{state}'")
        assert page.see("document.querySelector('photo-search').text") == ""
    assert page.see(f"{R}.querySelectorAll('.grid > li').length") == 2


@in_browser
def test_a_photo_that_asks_is_still_there_after_a_reload(chromium: Browser, base: str, service: Service) -> None:
    """It is kept for the tab; Back leads to the question before it."""
    page = chromium.page()
    page.open(f"{base}/?q=sea&lang=en", SHOWN)
    found = answer(hit(9, thumb="/photo.png"))
    service.answers[""], before = found, service.answers[""]
    files = [("own.png", "image/png", photo_bytes(40, 30))]
    page.drop("form", files, R)
    page.until(f"{SHOWN} && {R}.querySelector('[part=preview] canvas')")
    page.run("location.reload();")
    page.until(f"{SHOWN} && {R}.querySelector('[part=preview] canvas')")
    page.run("history.back();")
    page.until(f"{SHOWN} && {R}.querySelectorAll('.grid > li').length === 4")
    assert not page.see(f"{R}.querySelector('[part=preview] canvas')")
    service.answers[""] = before
    assert page.faults() == []


@in_browser
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_parents_consent_is_read_whole_on_a_phone(chromium: Browser, base: str, service: Service, lang: str) -> None:
    """On the narrowest photo as well the words stand within their badge, and the badge within the photo."""
    photos = [hit(number, thumb="/high.png", consented=True) for number in range(1, 13)]
    service.answers["family"] = answer(*photos, hit(13, thumb="/high.png"))
    page = chromium.page(390, 844)
    page.open(f"{base}/?q=family&lang={lang}", f"{SHOWN} && {R}.querySelectorAll('.grid > li').length === 13")
    told = {"ru": "С согласия родителей", "en": "By parental consent"}[lang]
    badges = f"[...{R}.querySelectorAll('.consent')]"
    assert page.see(f"{badges}.map((each) => each.textContent)") == [told] * 12
    cut = page.see(
        f"{badges}.filter((each) => {{"
        "  const words = document.createRange();"
        "  words.selectNodeContents(each);"
        "  const [text, badge] = [words.getBoundingClientRect(), each.getBoundingClientRect()];"
        "  const photo = each.closest('li').getBoundingClientRect();"
        "  const holds = (outer, inner) => outer.left <= inner.left && inner.right <= outer.right"
        "    && outer.top <= inner.top && inner.bottom <= outer.bottom;"
        "  return !holds(badge, text) || !holds(photo, badge);"
        "}).length"
    )
    assert cut == 0


@in_browser
@pytest.mark.parametrize(("width", "lang"), [(390, "ru"), (390, "en"), (1440, "ru"), (1440, "en")])
def test_no_words_are_cut_through(chromium: Browser, width: int, lang: str) -> None:
    """Of a post without a photo so many lines are quoted as stand whole, and the box says what fits into it."""
    text = "Кадр без обработки: воздушные аэростаты в рассветном небе, корзина медленно плывёт над полем и рекой."
    wordy = [hit(number, captions=[{"text": text[number:], "author": "u111"}]) for number in range(1, 5)]
    tiles = [each for number, post in enumerate(wordy) for each in (post, hit(9 + number, thumb="/photo.png"))]
    page = chromium.page(width, 844)
    with serving(Service({"sea": answer(*tiles), "": answer(*tiles)}, demo=EXAMPLES)) as base:
        page.open(f"{base}/?q=sea&lang={lang}", SHOWN)
        quotes = f"[...{R}.querySelectorAll('.quote q')]"
        page.until(f"{quotes}.length === 4")
        boxes = page.run(
            f"""
            const box = (each) => each.getBoundingClientRect();
            return {quotes}.map((each) => [box(each).height / parseFloat(getComputedStyle(each).lineHeight),
              box(each.parentElement).bottom - box(each.nextSibling).bottom]);
            """
        )
        assert all(abs(lines - round(lines)) < 0.02 and lines > 1 for lines, _ in boxes), boxes
        assert all(below >= 11 for _, below in boxes), "the author stands whole below"
        page.open(f"{base}/?lang={lang}", SHOWN)
        written, room = page.run(
            f"""
            const box = {R}.querySelector('[type=search]');
            const pen = document.createElement('canvas').getContext('2d');
            const style = getComputedStyle(box);
            pen.font = `${{style.fontSize}} ${{style.fontFamily}}`;
            return [pen.measureText(box.placeholder).width,
              box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)];
            """
        )
        assert written <= room
