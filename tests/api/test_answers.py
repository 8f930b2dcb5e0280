"""Answers are what their types say: on the page about HTTP, in the OpenAPI document, and over the wire."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    DeletionsAnswer,
    FactsAnswer,
    HealthAnswer,
    Hit,
    LineAnswer,
    MatchAnswer,
    MultiSearchAnswer,
    PostAnswer,
    PostsAnswer,
    QueueAnswer,
    ReviewAnswer,
    SearchAnswer,
    StatusAnswer,
    SuggestAnswer,
    TakedownsAnswer,
    TopicsAnswer,
    Withheld,
    decode_answer,
)
from api.examples import EXAMPLES
from tests.support.http_client import TestClient
from tests.support.small_world import SENTENCE

PAGE = Path(__file__).parents[2] / "docs" / "http.md"
EXAMPLES_ON_THE_PAGE = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.S)]
# What tells the kind of an answer on the page: a key that no other has.
TELLING: dict[str, type[msgspec.Struct]] = {
    "deleted": DeletionsAnswer,
    "hits": SearchAnswer,
    "method": MatchAnswer,
    "keywords": AnnotateAnswer,
    "classes": ClassifyAnswer,
    "suggestions": SuggestAnswer,
    "posts": PostsAnswer,
}
QUESTIONS: list[tuple[str, str, dict[str, Any] | None, type[msgspec.Struct]]] = [
    ("POST", "/v1/search", {"text": "море", "country": "RU", "limit": 100}, SearchAnswer),
    ("POST", "/v1/search", {"text": "kids", "country": "RU"}, SearchAnswer),
    ("GET", "/v1/posts/sea-0/similar", None, SearchAnswer),
    ("GET", "/v1/search?facets=tags&limit=2&highlight=true&group_by=tags&explain=true&q=море", None, SearchAnswer),
    ("POST", "/v1/multi-search", {"searches": [{"text": "море"}, {"sort": "x"}]}, MultiSearchAnswer),
    ("GET", "/v1/suggest?q=мо", None, SuggestAnswer),
    ("GET", "/v1/posts?limit=2", None, PostsAnswer),
    ("POST", "/v1/annotate", {"text": "море"}, AnnotateAnswer),
    ("POST", "/v1/classify", {"text": "море", "modality": "album"}, ClassifyAnswer),
    ("POST", "/v1/match", {"text": "море", "post_id": "sea-0"}, MatchAnswer),
    ("GET", "/v1/topics", None, TopicsAnswer),
    ("GET", "/v1/posts/sea-0", None, PostAnswer),
    ("GET", "/v1/review", None, QueueAnswer),
    ("POST", "/v1/review", {"by": "m1", "undo": ["sea-0", "nobody"]}, ReviewAnswer),
    ("GET", "/v1/posts/held-child/compliance", None, FactsAnswer),
    ("GET", "/v1/takedowns", None, TakedownsAnswer),
    ("GET", "/v1/status", None, StatusAnswer),
    ("GET", "/readyz", None, HealthAnswer),
]


def answers_on_the_page() -> list[tuple[dict[str, Any], type[msgspec.Struct]]]:
    kinds = [next((kind for key, kind in TELLING.items() if key in block), None) for block in EXAMPLES_ON_THE_PAGE]
    return [(block, kind) for block, kind in zip(EXAMPLES_ON_THE_PAGE, kinds, strict=True) if kind is not None]


def same(one: Any, other: Any) -> bool:
    """Equal as JSON is: a list is a list, however Python holds it."""
    return bool(json.loads(msgspec.json.encode(one)) == json.loads(msgspec.json.encode(other)))


def test_examples_of_the_page_are_what_the_types_say() -> None:
    """Each answer that the page shows is one, field by field, and nothing of it is unknown to the type."""
    assert len(answers_on_the_page()) >= 2
    for block, kind in answers_on_the_page():
        assert same(decode_answer(json.dumps(block).encode(), kind), block)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_an_example_survives_being_sent(kind: type[msgspec.Struct]) -> None:
    """What the OpenAPI document shows is read back as what it was."""
    example = EXAMPLES[kind]
    assert same(decode_answer(msgspec.json.encode(example), kind), example)


@pytest.mark.parametrize(("method", "path", "body", "kind"), QUESTIONS, ids=lambda part: str(part)[:40])
def test_an_answer_is_of_its_type(
    site: TestClient, method: str, path: str, body: dict[str, Any] | None, kind: type[msgspec.Struct]
) -> None:
    """What comes over the wire is the type to the last key."""
    response = site.request(method, path, json=body)
    assert response.status_code == 200
    assert same(decode_answer(response.content, kind), response.json())


def test_lines_of_a_bulk_are_of_their_type(fresh: TestClient) -> None:
    """A line that was taken and one that was not."""
    sent = b'{"id": "p1", "text": "a quiet evening by the sea", "tags": ["sea"]}\n{"id": \n'
    response = fresh.post("/v1/posts:bulk", content=sent, headers={"content-type": "application/x-ndjson"})
    lines = [decode_answer(line.encode(), LineAnswer) for line in response.text.splitlines()]
    assert [line.status for line in lines] == ["stored", "rejected"]
    assert lines[1].reason
    assert all(same(line, json.loads(text)) for line, text in zip(lines, response.text.splitlines(), strict=True))


def test_a_withheld_hit_is_told_from_a_post(site: TestClient) -> None:
    """Whoever reads the hits as types gets posts and sentences apart."""
    response = site.post("/v1/search", json={"text": "море, волны, пляж", "mode": "topics", "country": "RU"})
    answer = decode_answer(response.content, SearchAnswer)
    assert answer.posts == [hit for hit in answer.hits if isinstance(hit, Hit)]
    assert Withheld(SENTENCE) in answer.hits
