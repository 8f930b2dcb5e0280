"""The desk's models in a real browser, on a service that really learns: watched, compared, put in force."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from compliance.facts import Child
from ingest.photos.photo_source import InlinePhotos
from photosense.house import Company, House, open_house
from photosense.settings import Settings
from photosense.work.training_work import one_training
from tests.support.browser import Page, browser, judged
from tests.support.photo_page import AXE, in_browser
from tests.support.service import ServiceProcess, serving
from tests.support.small_world import SUBJECTS, WORDS, lines
from training.topics import retrain

CARDS = "document.querySelectorAll('.model').length"


def learned(house: House, passes: int, *, publishes: bool) -> str:
    settings = house.settings.model_copy(update={"topics": 6, "passes": passes, "threads": 1})
    recipe, encoder = settings.recipe(300), house.photos.encoder.id
    return retrain(
        house.store,
        settings.models_path,
        recipe,
        encoder,
        teaching=frozenset({Child.CLEAR}),
        held_out=8,
        publishes=publishes,
    ).model.id


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service has its home."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[tuple[ServiceProcess, str, str]]:
    """A service with 300 posts, a model in force and one that was learned aside."""
    posts = []
    for number in range(300):
        rng = np.random.default_rng(number)
        said = [" ".join(rng.permutation(words.split())[:4]) for words in WORDS[SUBJECTS[number % 3]][:2]]
        posts.append({"id": f"p{number}", "captions": [{"text": text} for text in said]})
    with open_house(Settings(home=folder / "home"), company=Company.ALONE) as house:
        house.pipeline().take(lines(*posts), InlinePhotos())
        old = learned(house, 1, publishes=True)
        new = learned(house, 12, publishes=False)
    with serving(folder, home=folder / "home", topics=6, threads=1, backups=folder / "backups") as served:
        yield served, old, new


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened.page()


def card(model: str) -> str:
    return f'.model[aria-label="{model}"]'


@in_browser
def test_a_model_is_compared_put_in_force_and_taken_back(page: Page, service: tuple[ServiceProcess, str, str]) -> None:
    """Each card says in words how good its model is; a comparison says which finds better, and a click switches."""
    served, old, new = service
    page.open(f"http://127.0.0.1:{served.port}/desk?lang=en#models", f"{CARDS} === 2")
    assert page.see(f"document.querySelector('{card(old)}').className") == "model in_force"
    assert "better guessed" in page.see(f"document.querySelector('{card(new)}').innerText")
    page.click(f"{card(new)} button", "Compare")
    page.until(f"document.querySelector('{card(new)} .comparison')")
    told = page.see(f"document.querySelector('{card(new)} .comparison').innerText")
    assert "captions that neither learned from looked for their posts" in told
    assert "Among the first ten" in told
    page.click(f"{card(new)} button", "Put in force")
    page.until(f"document.querySelector('{card(new)}')?.className === 'model in_force'")
    page.click(f"{card(new)} button", f"Go back to {old}")
    page.until(f"document.querySelector('{card(old)}')?.className === 'model in_force'")
    assert page.faults() == []


@in_browser
def test_learning_is_watched_and_cancelled(page: Page, service: tuple[ServiceProcess, str, str], folder: Path) -> None:
    """How far it is, how surprised the model still is, and an end at a click; meanwhile nobody begins a second one.

    Why one fails is told in the language of the page.
    """
    served, _, _ = service
    page.open(f"http://127.0.0.1:{served.port}/desk?lang=ru#models", f"{CARDS} >= 2")
    for name, value in {"passes": 1000, "topics": 100, "committee": 5}.items():  # more than is learned in a minute
        page.run(f"document.querySelector('.learn [name={name}]').value = {value};")
    page.click(".learn button.main")
    page.until("document.querySelector('.curve .bars')")
    assert "проход" in page.see("document.querySelector('.task').innerText")
    assert page.see("document.querySelector('.learn button.main').disabled")
    page.click(".task-head button", "Отмена")
    page.until("document.querySelector('.history')?.textContent.includes('Обучение модели: отменено')")
    assert not page.see("document.querySelector('.learn button.main').disabled")
    with one_training(Settings(home=folder / "home")):  # as a command of this home would
        page.click(".learn button.main")
        page.until("document.querySelector('.history p.fault')")
    assert "уже обучают модель" in page.see("document.querySelector('.history p.fault').innerText")
    assert page.faults() == []


@in_browser
def test_a_backup_is_made_at_a_click_and_the_page_says_when(
    page: Page, service: tuple[ServiceProcess, str, str], folder: Path
) -> None:
    """Until then there is none; what the click made lies in the folder of backups, and its time is on the card."""
    served, _, _ = service
    button = "document.querySelector('[data-kind=backup]')"
    page.open(f"http://127.0.0.1:{served.port}/desk?lang=en#models", button)
    assert "No backup was made yet." in page.see(f"{button}.parentElement.innerText")
    page.click("[data-kind=backup]", "Back up now")
    page.until("document.querySelector('.history')?.textContent.includes('A backup of')")
    page.until(f"!{button}.parentElement.innerText.includes('No backup')")
    made = page.run("return (await (await fetch('/v1/home')).json()).backup;")
    when = (
        f"new Intl.DateTimeFormat('en', {{dateStyle: 'medium', timeStyle: 'short'}}).format(new Date('{made['at']}'))"
    )
    told = page.see(f"{button}.parentElement.innerText")
    assert page.see(when) in told
    assert f"{made['posts']} posts" in told
    assert not page.see(f"{button}.disabled"), "the next one may be made"
    assert any((folder / "backups").iterdir())
    assert page.faults() == []


@in_browser
@pytest.mark.skipif(AXE is None, reason="NO JUDGE: pages are not judged without axe-core-python")
def test_no_view_of_the_desk_shuts_anybody_out(page: Page, service: tuple[ServiceProcess, str, str]) -> None:
    """Light and dark, wide and narrow, no view breaks a rule of the judge, and nothing overflows."""
    served, _, _ = service
    for dark in (False, True):
        for view in ("queue", "takedown", "records", "import", "models", "status"):
            page.shape(390 if dark else 1440, 900, dark=dark)
            page.open(
                f"http://127.0.0.1:{served.port}/desk?lang=ru&dark={dark}#{view}", "document.querySelector('main h1')"
            )
            page.until("!document.querySelector('main').textContent.includes('Загрузка…')")
            assert (view, dark, judged(page)) == (view, dark, [])
            assert (view, dark, page.overflow()) == (view, dark, [])
