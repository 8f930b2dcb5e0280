"""Highlights and fields: where a hit says what was asked, and no more of it than was asked for."""

from typing import Any

import pytest

from api.answers import PostCaption
from api.browse.highlights import highlights
from tests.support.http_client import TestClient, problem_of


def marked(text: str, *words: str) -> list[str]:
    return [text[one.start : one.end] for one in highlights([PostCaption(text)], words)]


@pytest.mark.parametrize(
    ("text", "words", "spans"),
    [
        ("Тихие Закаты, закат.", ["закат"], ["Закаты", "закат"]),
        ("<b>Waves</b> & wave's end", ["wave"], ["Waves", "wave"]),
        ("🦉 at #sea_side, sea", ["#sea_side", "sea"], ["#sea_side", "sea"]),
        ("#sea_side", ["sea"], ["sea"]),
        ("Чаи\u0306ка", ["чайка"], ["Чаи\u0306ка"]),
        ("ﬁre", ["fire"], ["ﬁre"]),
        ("nothing", ["sea"], []),
    ],
)
def test_spans_are_of_the_text_as_it_was_written(text: str, words: list[str], spans: list[str]) -> None:
    """Inflected, in capitals, beside emoji, in hashtags, with marks of their own: offsets fit the caption itself."""
    assert marked(text, *words) == spans


def test_every_caption_has_its_number() -> None:
    """Counted from 0, also where those before say nothing of it."""
    spans = highlights([PostCaption("hill"), PostCaption("a sea"), PostCaption("sea")], ["sea"])
    assert [(one.caption, one.start, one.end) for one in spans] == [(1, 2, 5), (2, 0, 3)]


def test_hits_say_where_they_say_it(site: TestClient) -> None:
    """When that is wanted; each word of a hit stands at one of its spans."""
    body: dict[str, Any] = {"text": "волны и снега", "country": "IS", "limit": 100}
    assert all(hit["highlights"] == [] for hit in site.post("/v1/search", json=body).json()["hits"])
    hits = site.post("/v1/search", json={**body, "highlight": True}).json()["hits"]
    said = {"волны": "волна", "снега": "снег"}
    for hit in hits:
        captions = [caption["text"] for caption in hit["post"]["captions"]]
        spans = {captions[one["caption"]][one["start"] : one["end"]] for one in hit["highlights"]}
        assert spans == {said[word] for word in hit["words"]}
    assert any(hit["highlights"] for hit in hits)


@pytest.mark.parametrize("text", [None, "море"])
def test_no_more_is_answered_than_was_asked_for(site: TestClient, text: str | None) -> None:
    """Fields of a post by their names, single attrs too; the id is always there."""
    body = {"text": text, "country": "IS", "fields": ["link", "attrs.album"], "limit": 5}
    for hit in site.post("/v1/search", json=body).json()["hits"]:
        assert hit["post"].keys() <= {"link", "attrs"}
        assert hit["post"].get("attrs", {}).keys() <= {"album"}
    assert site.post("/v1/search", json={**body, "fields": []}).json()["hits"][0]["post"] == {}


def test_a_field_that_posts_do_not_have_is_refused(site: TestClient) -> None:
    """With those that they have; what is ours is no field."""
    assert "captions" in problem_of(site.post("/v1/search", json={"fields": ["facts"]}), 422, "wrong_field")["detail"]
