"""Cursors: page after page, whatever comes in meanwhile, for one question under one rule and one model."""

import base64
import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import World

MANY = 40


def written(number: int, **more: Any) -> dict[str, Any]:
    price = {"price": number % 5} if number % 4 else {}
    return {"id": f"p{number}", "text": f"море снег n{number}", "attrs": {"kind": "x", **price}, **more}


@pytest.fixture
def crowd() -> World:
    crowd = World(ReferenceStore(), None)
    crowd.take(*(written(number) for number in range(MANY)), written(99, id="held", child=True))
    return crowd


@pytest.fixture
def client(crowd: World) -> Iterator[TestClient]:
    with client_from(create_app(ServiceSettings(), Parts(crowd.store))) as client:
        yield client


def ask(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/search", json={"country": "RU", **body})
    assert response.status_code == 200, response.text
    return response.json()


def pages(client: TestClient, **body: Any) -> Iterator[list[str]]:
    """The ids of each page, each asked for by the cursor of the one before."""
    cursor = None
    while True:
        answer = ask(client, cursor=cursor, **body)
        yield [hit["id"] for hit in answer["hits"]]
        cursor = answer["cursor"]
        assert (cursor is not None) == answer["more"]
        if cursor is None:
            return


QUESTIONS: dict[str, dict[str, Any]] = {
    "browse": {},
    "browse, oldest first": {"sort": "added:asc"},
    "browse, by a field that some lack": {"sort": "attrs.price:asc"},
    "browse, filtered": {"filter": {"field": "attrs.price", "from": 1}},
    "words": {"text": "море"},
    "words, sorted": {"text": "море", "sort": "attrs.price"},
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("limit", [7, 100])
def test_pages_by_cursor_are_the_whole_once(client: TestClient, question: dict[str, Any], limit: int) -> None:
    """In the order that one long page has."""
    whole = [hit["id"] for hit in ask(client, **question, limit=100)["hits"]]
    assert len(whole) >= MANY // 2
    assert [post for page in pages(client, **question, limit=limit) for post in page] == whole


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_pages_are_stable_while_posts_come_in(crowd: World, client: TestClient, question: dict[str, Any]) -> None:
    """New posts make no other one come twice or not at all; those that are gone are missing, and no more."""
    whole = [hit["id"] for hit in ask(client, **question, limit=100)["hits"]]
    read: list[str] = []
    gone = [whole[10], whole[11], whole[20]]
    for number, page in enumerate(pages(client, **question, limit=6)):
        read += page
        crowd.take(*(written(100 + 10 * number + n) for n in range(5)))
        if number == 1:
            crowd.store.delete(gone)
    old = [post for post in read if post in whole]
    assert old == [post for post in whole if post in read or post not in gone]
    assert whole[20] not in read
    if "text" in question:
        assert read == old


def test_browsing_ends_at_the_last_post(client: TestClient) -> None:
    """Not at an offset: the last page has no cursor, and the total is the same on each."""
    answers: list[dict[str, Any]] = []
    cursor = None
    while not answers or cursor:
        answers.append(ask(client, cursor=cursor, limit=9))
        cursor = answers[-1]["cursor"]
    assert [len(answer["hits"]) for answer in answers] == [9, 9, 9, 9, 4]
    assert {answer["total"] for answer in answers} == {MANY}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": "снег"}, "another one"),
        ({"sort": "added"}, "another one"),
        ({"filter": {"field": "attrs.kind", "equals": "x"}}, "another one"),
        ({"country": "IS"}, "rules"),
        ({"offset": 3}, "one of them"),
    ],
    ids=["text", "sort", "filter", "country", "offset"],
)
def test_a_cursor_is_for_its_own_question(client: TestClient, change: dict[str, Any], says: str) -> None:
    """Under its own rule; how long the page is and what is shown of it may change."""
    question = {"text": "море", "country": "RU", "limit": 4}
    cursor = ask(client, **question)["cursor"]
    problem = problem_of(client.post("/v1/search", json={**question, "cursor": cursor, **change}), 422)
    assert problem["code"] == "wrong_cursor"
    assert says in problem["detail"]
    assert ask(client, **{**question, "limit": 9, "facets": ["tags"], "fields": []}, cursor=cursor)["hits"]


def test_a_cursor_is_for_its_own_model(words_only: TestClient, site: TestClient) -> None:
    """Another model orders otherwise, so that pages would overlap."""
    cursor = ask(words_only, limit=2)["cursor"]
    problem = problem_of(site.post("/v1/search", json={"country": "RU", "limit": 2, "cursor": cursor}), 422)
    assert "The model was changed" in problem["detail"]


def test_what_is_no_cursor_gets_a_sentence(client: TestClient) -> None:
    """Cut, changed by a letter, or made up."""
    cursor = ask(client, limit=2)["cursor"]
    other = cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:]
    made_up = base64.urlsafe_b64encode(b"[1,2,3]" * 4).decode()
    for wrong in (cursor[:-3], other, made_up, "x", "ы", "=", "null"):
        problem = problem_of(client.post("/v1/search", json={"country": "RU", "cursor": wrong}), 422, "wrong_cursor")
        assert "no cursor" in problem["detail"]
    assert problem_of(client.get("/v1/search", params={"cursor": "a b"}), 422, "wrong_cursor")


def test_an_address_goes_on_as_a_body_does(client: TestClient) -> None:
    """A cursor can stand in an address as it is."""
    first = client.get("/v1/search", params={"limit": 3}).json()
    second = client.get(f"/v1/search?limit=3&cursor={first['cursor']}").json()
    assert [hit["id"] for hit in second["hits"]] == [f"p{number}" for number in (36, 35, 34)]


@pytest.mark.parametrize(
    "made_up",
    [
        [-1, None, None, []],
        [2**40, None, None, []],
        [0, "yesterday", None, []],
        [0, "2026-05-01T12:00:00", None, []],
        [0, None, ["tomorrow", "p1"], []],
        [0, None, [[1], "p1"], []],
        [0, None, [1e308, "p1"], []],
        [0, None, ["9999-12-31T23:59:59-23:59", "p1"], []],
        [0, "9999-12-31T23:59:59-23:59", None, []],
        [2**31 - 1, None, None, []],
        [5, None, ["2026-05-01T12:00:00Z", "p1"], []],
    ],
)
def test_a_cursor_that_somebody_made_up_is_refused(client: TestClient, made_up: list[Any]) -> None:
    """It is checked and not secret: whoever can count may write one, and gets a sentence for what no page ends on."""
    genuine = ask(client, text="море", limit=3)["cursor"]
    bonds = json.loads(base64.urlsafe_b64decode(genuine + "==")[8:])[:3]
    content = json.dumps([*bonds, *made_up]).encode()
    check = blake2b(content, digest_size=8, person=b"photosense").digest()
    cursor = base64.urlsafe_b64encode(check + content).decode().rstrip("=")
    response = client.post("/v1/search", json={"country": "RU", "text": "море", "limit": 3, "cursor": cursor})
    problem_of(response, 422, "wrong_cursor")
