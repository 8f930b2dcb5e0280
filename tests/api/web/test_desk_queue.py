"""The desk's queue in a real browser: narrowed to what one rule found, with what a network told of faces."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.browser import Browser
from tests.support.desk_home import house_of, served, waiting
from tests.support.photo_page import in_browser
from tests.support.small_world import as_base64
from tests.support.tiny_evidence import quarters, write_evidence

CHILD, ADULT = (255, 18, 0), (255, 103, 0)  # a face of 7 years, and one of 40
WATER, WOODS = (0, 40, 200), (0, 120, 30)
SHOWN = "[...document.querySelectorAll('.card')].map((card) => card.ariaLabel).sort().join()"


def girl(name: str, *colours: tuple[int, int, int]) -> dict[str, Any]:
    """A post that waits for the word of a girl, with a photo of these quarters."""
    file = io.BytesIO()
    Image.fromarray(quarters(*colours)).save(file, "PNG")
    return {"id": name, "photo": as_base64(file.getvalue()), "text": f"Девочка у моста {name}", "child": False}


@in_browser
def test_the_queue_is_narrowed_to_a_rule_and_tells_the_faces_of_a_photo(chromium: Browser, tmp_path: Path) -> None:
    """A rule is offered with how many posts it found; a card says how many faces, and how old the youngest looks."""
    posts = [*waiting(3), girl("pair", WATER, ADULT, CHILD, WOODS), girl("nobody", WOODS, WATER)]
    networks = tuple(write_evidence(tmp_path / "networks", "faces"))
    with house_of(tmp_path / "home", posts, evidence=networks) as house, served(house) as base:
        page = chromium.page()
        for lang, rule, pair, nobody in (
            ("en", "The text names a boy or a girl", "2 faces found · the youngest looks about 7", "no face found"),
            ("ru", "В тексте назван мальчик или девочка", "найдено 2 лица · младшему на вид около 7", "лиц не найдено"),
        ):
            page.open(f"{base}/desk?lang={lang}", "document.querySelectorAll('.card').length === 5")
            options = "[...document.querySelector('.pick select').options]"
            found = f"{options}.find((each) => each.value.startsWith('boy-girl-ru'))"
            offered = page.see(f"{found}.textContent")
            assert (rule in offered, "(2)" in offered) == (True, True)
            page.run(f"{found}.selected = true; {found}.parentElement.dispatchEvent(new Event('change'));")
            page.until(f"{SHOWN} === 'nobody,pair'")
            for post, says in (("pair", pair), ("nobody", nobody)):
                assert says in page.see(f"document.querySelector('.card[aria-label={post}]').innerText")
            page.run(f"{options}[0].selected = true; {options}[0].parentElement.dispatchEvent(new Event('change'));")
            page.until("document.querySelectorAll('.card').length === 5")
            silent = page.see("document.querySelector('.card[aria-label=wait-000]').innerText")
            assert "face" not in silent, "no network saw a photo of it"
            assert "лиц" not in silent
        assert page.faults() == []
