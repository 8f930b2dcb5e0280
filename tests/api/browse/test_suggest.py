"""Suggestions: words and hashtags of posts that may be seen, in both languages, and nothing that the law refuses."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.small_world import CHILD_WORDS, HELD_MARKS, World, small_world
from topic_model.ideas.open_ideas import open_ideas
from topic_model.models import Models


def suggest(client: TestClient, q: str, **more: Any) -> list[str]:
    response = client.get("/v1/suggest", params={"q": q, "country": "RU", **more})
    assert response.status_code == 200, response.text
    return [one["text"] for one in response.json()["suggestions"]]


@pytest.mark.parametrize(
    ("q", "completed"),
    [
        ("сне", "снег"),
        ("ТРАМ", "трамвай"),
        ("mounta", "mountains"),
        ("#mo", "#mountains"),
        ("тихий сне", "тихий снег"),
        ("sea and mounta", "sea and mountains"),
        ("#гор", "#город"),
    ],
)
def test_the_word_that_is_typed_is_completed(site: TestClient, q: str, completed: str) -> None:
    """In either language, whatever stands before it."""
    assert completed in suggest(site, q)


@pytest.mark.parametrize("q", ["", "снег ", "снег, ", "zzz", "!", "🦉", "а" * 200])
def test_nothing_is_completed_where_there_is_nothing(site: TestClient, q: str) -> None:
    """No word at the end, or none that begins so."""
    assert suggest(site, q) == []


def test_the_most_common_come_first_and_so_many_as_are_wanted(site: TestClient) -> None:
    """A shorter list is the beginning of a longer one."""
    several = suggest(site, "с", limit=20)
    assert several
    assert suggest(site, "с", limit=1) == several[:1]
    assert "limit" in problem_of(site.get("/v1/suggest?q=a&limit=0"), 422, "wrong_field")["detail"]


def test_each_suggestion_finds_something(site: TestClient) -> None:
    """It stands in a post that the visitor may see."""
    for q in "смгвбтsbmc#":
        for text in suggest(site, q):
            answer = site.post("/v1/search", json={"text": text, "country": "RU"}).json()
            assert answer["hits"], text
            assert answer["disclaimer"] is None


def test_nothing_of_children_and_of_withheld_posts_is_completed(site: TestClient) -> None:
    """Not even where the beginning is right, though posts with a consent say it; where nothing is withheld it is."""
    for word in (*CHILD_WORDS, *HELD_MARKS):
        for part in (word[:2], word[:-1], word, f"#{word[:3]}"):
            told = suggest(site, part)
            assert not [
                mark for mark in (*CHILD_WORDS, *HELD_MARKS) for text in told if mark in text.strip("#").split()
            ]
    assert "toddler" in " ".join(suggest(site, "toddl", country="IS"))


def test_what_the_law_refuses_is_completed_by_nothing(site: TestClient) -> None:
    """Whatever its last word may be: the text as it stands could not be asked."""
    assert suggest(site, "naked toddler on sn") == []
    assert suggest(site, "naked toddler on sn", country="IS") != []


def test_the_other_language_is_completed_by_ideas(own: tuple[World, TestClient]) -> None:
    """A word that no post has, for what posts say: it finds them."""
    world, _ = own
    models = Models(world.model, ideas=open_ideas())
    with client_from(create_app(ServiceSettings(), Parts(world.store, models=models))) as client:
        led = [text for letter in "абвгдежзиклмнопрстуфцш" for text in suggest(client, letter, limit=20)]
        strange = [text for text in led if not any(text in point.words for point in world.store.scroll())]
        assert strange
        for text in strange:
            assert client.post("/v1/search", json={"text": text, "country": "RU"}).json()["hits"], text


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, TestClient]]:
    world = small_world(tmp_path_factory.mktemp("models"))
    app = create_app(ServiceSettings(), Parts(world.store, models=Models(world.model)))
    with client_from(app) as client:
        yield world, client


def test_a_word_goes_with_the_last_post_that_has_it(own: tuple[World, TestClient]) -> None:
    """At once, though the model still knows it: closed or deleted, nobody is led to it."""
    world, client = own
    assert "трамвай" in suggest(client, "трам")
    having = [point.id for point in world.store.scroll() if "трамвай" in point.words]
    for post in having[1:]:
        assert client.delete(f"/v1/posts/{post}").status_code == 200
    assert "трамвай" in suggest(client, "трам")
    decision = {"by": "m1", "child": "child"}
    assert client.put(f"/v1/posts/{having[0]}/compliance", json=decision).status_code == 200
    assert suggest(client, "трам") == []
    assert suggest(client, "трам", country="IS") == ["трамвай"]


def test_without_a_model_hashtags_are_completed(words_only: TestClient) -> None:
    """Those of posts that may be seen."""
    assert suggest(words_only, "#мор") == ["#море"]
    assert suggest(words_only, "gor", country="IS") == []
    assert suggest(words_only, "#kvor") == []
    assert suggest(words_only, "#kvor", country="IS") == ["#kvorlina"]
