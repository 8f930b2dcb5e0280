"""Browsing and sorting: posts without a question, and hits in the order of a field."""

import json
from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import HELD_MARKS, World, posts, words_only_world


def ask(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/search", json={"country": "RU", **body})
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


@pytest.fixture
def shop() -> TestClient:
    """Posts with prices and times, two of them held, which came in by their number."""
    store = ReferenceStore()
    written = [
        {"id": f"p{n}", "text": f"море волна sea n{n}", "attrs": {"price": [3, 1, 2][n % 3], "taken": f"202{n}-01-01"}}
        for n in range(6)
    ]
    held = [{"id": f"held-{n}", "text": "море", "child": True, "attrs": {"price": 9, "kvorlina": 1}} for n in range(2)]
    unpriced = {"id": "unpriced", "text": "море sea beach", "attrs": {"place": "Ural"}}
    World(store, None).take(held[0], *written, held[1], unpriced)
    return client_from(create_app(ServiceSettings(), Parts(store)))


def test_without_a_question_the_newest_posts_are_listed(site: TestClient) -> None:
    """Those that may be seen, the last that came first; they neither match nor fit anything."""
    answer = ask(site, limit=100)
    visible = [post["id"] for post in posts() if "photo" not in post]
    assert [post for post in ids(answer) if post in visible] == visible[::-1]
    assert not any(post.startswith("held") for post in ids(answer))
    assert answer["total"] == len(answer["hits"])
    assert (answer["query"]["mode"], answer["fit"], answer["more"]) == ("browse", None, False)
    assert {(hit["match"], hit["fit"]) for hit in answer["hits"]} == {(None, None)}


def test_a_filter_alone_lists_what_passes(site: TestClient) -> None:
    """And says so where nothing does, or where there is nothing at all."""
    answer = ask(site, filter={"field": "attrs.album", "equals": "sea"}, limit=3)
    assert all(post.startswith("sea-") for post in ids(answer))
    assert (len(answer["hits"]), answer["more"]) == (3, True)
    assert answer["total"] > 5
    second = ask(site, filter={"field": "attrs.album", "equals": "sea"}, limit=3, offset=3)
    assert not set(ids(second)) & set(ids(answer))
    assert ask(site, filter={"field": "tags", "equals": "nowhere"})["notice"] == "Nothing here matches."
    with client_from(create_app(ServiceSettings(), Parts(ReferenceStore()))) as client:
        assert "send some" in ask(client)["notice"]


def test_what_is_withheld_is_in_no_list(site: TestClient) -> None:
    """Whatever the order, the filter and the page: neither a post nor a sentence nor a number tells of it."""
    for sort in (None, "added:asc", "changed:desc"):
        answer = ask(site, limit=100, sort=sort)
        assert "disclaimer" not in [key for hit in answer["hits"] for key in hit]
        assert [mark for mark in HELD_MARKS if mark in json.dumps(answer, ensure_ascii=False)] == []
    assert ask(site, country="IS", limit=100)["total"] == answer["total"] + 2


def test_a_filter_of_a_harmful_word_is_refused_without_a_question(site: TestClient) -> None:
    """The gate reads the words of a filter, also where there are no others."""
    answer = ask(site, filter={"field": "tags", "equals": "малыши"})
    assert (answer["hits"], answer["total"]) == ([], 0)
    assert answer["disclaimer"]


@pytest.mark.parametrize("text", [None, "море"])
def test_hits_stand_in_the_order_of_a_field(shop: TestClient, text: str | None) -> None:
    """Numbers or times, either way around, with or without words; at the end what lacks the field."""
    by_price = ids(ask(shop, text=text, sort="attrs.price:asc"))
    assert [{1: "1", 4: "1", 2: "2", 5: "2", 0: "3", 3: "3"}[int(post[1:])] for post in by_price[:6]] == list("112233")
    assert by_price[6:] == ["unpriced"]
    assert ids(ask(shop, text=text, sort="attrs.taken"))[:6] == ["p5", "p4", "p3", "p2", "p1", "p0"]
    assert ids(ask(shop, text=text, sort="added:asc")) == ["p0", "p1", "p2", "p3", "p4", "p5", "unpriced"]


def test_equals_stand_in_the_order_of_their_match(shop: TestClient) -> None:
    """A field that all of them have alike changes nothing."""
    for sort in ("attrs.price", "attrs.price:asc"):
        by_match = ids(ask(shop, text="море beach n4"))
        prices = {f"p{n}": [3, 1, 2][n % 3] for n in range(6)}
        answer = ids(ask(shop, text="море beach n4", sort=sort))
        for price in (1, 2, 3):
            own = [post for post in by_match if prices.get(post) == price]
            assert [post for post in answer if prices.get(post) == price] == own


def test_pages_of_a_sorted_search_are_all_of_it(shop: TestClient) -> None:
    """Page after page, each hit once."""
    whole = ids(ask(shop, text="море", sort="attrs.price"))
    pages = [ids(ask(shop, text="море", sort="attrs.price", limit=2, offset=at)) for at in range(0, 8, 2)]
    assert [post for page in pages for post in page] == whole


@pytest.mark.parametrize("field", ["attrs.place", "attrs.kvorlina", "attrs.nothing"])
@pytest.mark.parametrize("text", [None, "море"])
def test_what_cannot_be_sorted_by_gets_a_sentence(shop: TestClient, field: str, text: str | None) -> None:
    """Words, fields that nobody has, and fields of withheld posts alone: the same words for all of them."""
    problem = problem_of(shop.post("/v1/search", json={"text": text, "sort": field, "country": "RU"}), 422)
    assert problem["code"] == "wrong_filter"
    assert problem["detail"].startswith(f"No post has {field} as a number or a time")


@pytest.mark.parametrize("sort", ["match", "tags:asc", "vis", "attrs.", "price:asc", "added:down"])
def test_what_is_no_order_gets_a_sentence(shop: TestClient, sort: str) -> None:
    """422, and which fields there are."""
    assert "sort" in problem_of(shop.post("/v1/search", json={"sort": sort}), 422, "wrong_filter")["detail"]


def test_an_old_store_is_browsed_as_well() -> None:
    """Posts that came in before any model have the time at which they did."""
    with client_from(create_app(ServiceSettings(), Parts(words_only_world().store))) as client:
        assert ids(ask(client, limit=2)) == ["agreed-2", "agreed-1"]
