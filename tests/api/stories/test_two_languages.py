"""A site that speaks one language is asked in the other: the right posts, what was understood, and the law as ever."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.facts import Child
from tests.api.routes.test_search import ids, search
from tests.support.http_client import TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import SENTENCE, World
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.read_ideas import read_ideas
from topic_model.models import Models
from topic_model.training.recipe import Recipe
from training.topics import retrain

IDEAS = Ideas(
    read_ideas(
        {
            "f.yaml": """
dog: dog, hound | собака, пёс; сабака
run: run, jog | бежать, бегать
snow: snow | снег
ship: ship, boat | корабль, судно, лодка
sea: sea, ocean | море, океан
cyclist: cyclist | велосипедист
street: street, road | улица
two: two; 2 | два, пара
tower: tower | башня
apple: apple | яблоко
"""
        }
    )
)
CAPTIONS = {
    "en": {
        "dog": "two dogs run over the white snow",
        "ship": "ship far out at sea under clouds",
        "cyclist": "cyclist rides down a narrow street",
    },
    "ru": {
        "dog": "две собаки бегут по белому снегу",
        "ship": "корабль далеко в море под облаками",
        "cyclist": "велосипедист едет по узкой улице",
    },
}
QUESTIONS = {
    "en": [
        ("бегущая собака", "dog"),
        ("2 пса", "dog"),
        ("лодка", "ship"),
        ("велосипедисты", "cyclist"),
        ("сабака", "dog"),
    ],
    "ru": [("running dog", "dog"), ("2 hounds", "dog"), ("boats", "ship"), ("cyclists", "cyclist"), ("jogging", "dog")],
}
ASKED = [
    pytest.param(language, text, subject, id=f"{text} of {language}")
    for language, questions in QUESTIONS.items()
    for text, subject in questions
]


def learned(captions: dict[str, str], models: Path) -> World:
    """A site where eight people wrote of each subject, and a model of it."""
    world = World(ReferenceStore(), None)
    world.take(
        *(
            {"id": f"{subject}-{n}", "text": f"{caption} {subject}{n}", "attrs": {"album": subject}, "child": False}
            for n in range(8)
            for subject, caption in captions.items()
        )
    )
    teaching = frozenset({Child.CLEAR, Child.UNSEEN})
    recipe = Recipe(topics=3, background=0, passes=20, threads=1)
    return World(world.store, retrain(world.store, models, recipe, "none", teaching=teaching).model)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    return {language: learned(of, tmp_path_factory.mktemp(language)) for language, of in CAPTIONS.items()}


@pytest.fixture(scope="module")
def sites(worlds: dict[str, World]) -> Iterator[dict[str, TestClient]]:
    with client_of(worlds["en"]) as english, client_of(worlds["ru"]) as russian:
        yield {"en": english, "ru": russian}


def client_of(world: World, ideas: Ideas | None = IDEAS) -> TestClient:
    return client_from(create_app(ServiceSettings(), Parts(world.store, models=Models(world.model, ideas=ideas))))


def subjects(answer: dict[str, Any]) -> set[str]:
    return {hit["post"]["attrs"]["album"] for hit in answer["hits"]}


@pytest.mark.parametrize("mode", ["hybrid", "topics", "words"])
@pytest.mark.parametrize(("language", "text", "subject"), ASKED)
def test_a_question_of_the_other_language_finds_its_subject(
    sites: dict[str, TestClient], language: str, text: str, subject: str, mode: str
) -> None:
    """In every mode, inflected, by a synonym, by a number in digits and with a slip; no word is unknown."""
    answer = search(sites[language], text=text, mode=mode, limit=8)
    assert subjects(answer) == {subject}
    assert answer["hits"]
    assert answer["query"]["unknown_terms"] == []


def test_the_answer_says_what_was_understood(sites: dict[str, TestClient]) -> None:
    """What was typed, and the words that are used here; a hit names those that it holds."""
    answer = search(sites["en"], text="собака в океане")
    assert answer["query"]["understood"] == [
        {"typed": "собака", "words": ["dog"]},
        {"typed": "океане", "words": ["sea"]},
    ]
    assert {tuple(hit["words"]) for hit in answer["hits"]} == {("dog",), ("sea",)}
    assert answer["hits"][0]["why"]
    (hit,) = search(sites["en"], text="собака", limit=1, highlight=True)["hits"]
    caption = hit["post"]["captions"][0]["text"]
    assert [caption[span["start"] : span["end"]] for span in hit["highlights"]] == ["dogs"]


def test_own_words_come_first(tmp_path: Path) -> None:
    """Where both languages are spoken, a post that says it as the visitor does stands before one that says the same."""
    both = learned({"en": CAPTIONS["en"]["dog"], "ru": CAPTIONS["ru"]["dog"], "ship": "ship at sea"}, tmp_path)
    with client_of(both) as site:
        for text, first in (("собака", "ru"), ("dog", "en")):
            albums = [hit["post"]["attrs"]["album"] for hit in search(site, text=text, mode="words", limit=16)["hits"]]
            assert albums == [first] * 8 + [{"en": "ru", "ru": "en"}[first]] * 8


def test_a_word_that_the_model_never_learned_is_found_in_the_other_language_too(tmp_path: Path) -> None:
    """In a small home most words are too rare to learn: who asks in Russian is told as much as who asks in English."""
    world = learned(CAPTIONS["en"], tmp_path)
    world.take({"id": "late", "text": "old stone tower above green hills", "attrs": {"album": "late"}, "child": False})
    assert world.model is not None
    assert "tower" not in world.model.vocabulary.rows["text"]
    with client_of(world) as site:
        english, russian = (search(site, text=text)["hits"] for text in ("tower", "башня"))
        assert [hit["id"] for hit in english] == [hit["id"] for hit in russian] == ["late"]
        assert russian[0]["match"] == pytest.approx(english[0]["match"], abs=0.02)
        assert russian[0]["fit"] == "good"


def test_what_no_post_says_stays_unknown(sites: dict[str, TestClient]) -> None:
    """A word without an idea, and one whose idea nobody here speaks of: nothing is found, and nothing is claimed."""
    for text in ("абракадабр", "башня"):
        answer = search(sites["en"], text=text)
        assert (answer["hits"], answer["query"]["unknown_terms"], answer["query"]["understood"]) == ([], [text], [])


def test_it_can_be_turned_off(worlds: dict[str, World]) -> None:
    """A site that wants words taken as they are gets that."""
    with client_of(worlds["en"], None) as site:
        answer = search(site, text="собака")
        assert (answer["hits"], answer["query"]["unknown_terms"]) == ([], ["собака"])


def test_without_a_model_words_find_the_other_language_too(worlds: dict[str, World]) -> None:
    """Before the first training, and the answer still says what was understood."""
    with client_of(World(worlds["en"].store, None)) as site:
        answer = search(site, text="собака")
        assert subjects(answer) == {"dog"}
        assert answer["query"]["understood"] == [{"typed": "собака", "words": ["dog"]}]
        assert answer["query"]["unknown_terms"] == []


def test_a_withheld_post_makes_no_word_understood() -> None:
    """A word that only a held post has is as unknown as one that nobody has, whichever language asks for it."""
    world = World(ReferenceStore(), None)
    common = {"attrs": {"album": "x"}}
    world.take({"id": "open", "text": "ship far out at sea", "child": False, **common})
    world.take({"id": "held", "text": "tower and an apple", "child": True, **common})
    with client_of(world) as site:
        answer = search(site, text="башня у моря", country="RU")
        assert ids(answer) == ["open"]
        assert answer["query"]["unknown_terms"] == ["башня"]
        assert answer["query"]["understood"] == [{"typed": "моря", "words": ["sea"]}]
        assert search(site, text="башня", country="RU")["query"]["understood"] == []


def test_the_law_hears_the_widened_question(worlds: dict[str, World]) -> None:
    """A word that the lexicon lets pass is refused when what it means is about a child."""
    about_children = Ideas(read_ideas({"f.yaml": "sprig: sprig | росток\nfoal: toddler | росточек\n"}))
    with client_of(worlds["en"], about_children) as site:
        assert search(site, text="росток", country="RU")["disclaimer"] is None
        refused = search(site, text="росточек", country="RU")
        assert (refused["disclaimer"], refused["hits"], refused["query"]) == (SENTENCE, [], None)


def annotated(site: TestClient, text: str, language: str | None, **more: Any) -> list[str]:
    body = {"text": text, "lang": language, "country": "IS", **more}
    response = site.post("/v1/annotate", json={key: value for key, value in body.items() if value is not None})
    assert response.status_code == 200, response.text
    return [keyword["word"] for keyword in response.json()["keywords"]]


def test_keywords_come_in_the_language_that_is_asked_for(sites: dict[str, TestClient]) -> None:
    """Whatever language people here write in; a word without an idea stays as it is, and none comes twice."""
    english = annotated(sites["en"], "собака", None)
    assert {"dogs", "snow", "white"} <= set(english)
    assert annotated(sites["en"], "собака", "en") == english
    russian = annotated(sites["en"], "собака", "ru")
    assert {"собака", "снег", "бежать", "white"} <= set(russian)
    assert len(set(russian)) == len(russian)
    assert {"dog", "snow"} <= set(annotated(sites["ru"], "hound", "en"))


def test_a_translated_keyword_passes_the_law_as_well(worlds: dict[str, World]) -> None:
    """A word whose translation is about a child is not proposed where the rule withholds it."""
    about_children = Ideas(read_ideas({"f.yaml": "snow: snow | малыш\ndog: dog | собака\n"}))
    with client_of(worlds["en"], about_children) as site:
        keywords = annotated(site, "dog", "ru", country="RU")
        assert "собака" in keywords
        assert not {"малыш", "snow"} & set(keywords)


def test_a_language_that_nobody_here_speaks_is_refused(sites: dict[str, TestClient]) -> None:
    """With a sentence, as every slip."""
    response = sites["en"].post("/v1/annotate", json={"text": "dog", "lang": "xx"})
    assert response.status_code == 422
    assert "lang" in response.json()["detail"]


def test_pages_do_not_overlap(sites: dict[str, TestClient]) -> None:
    """Widened or not, each post stands on one page."""
    pages = [ids(search(sites["en"], text="собака и лодка", limit=6, offset=offset)) for offset in (0, 6, 12)]
    assert len({post for page in pages for post in page}) == sum(map(len, pages))
