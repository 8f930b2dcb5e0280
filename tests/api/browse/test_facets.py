"""Facets: counts of what this visitor may see, equal to a count of the hits themselves."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.policy import SENTENCE
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import CHILD_WORDS, HELD_MARKS, World

FACETS = ["tags", "authors", "attrs.place", "attrs.price", "attrs.price:2", "attrs.taken:year", "attrs.taken:month"]

place = st.sampled_from(["Ural", "Карелия", "Алтай"])
price = st.sampled_from([-1, 0, 2.5, 7])
taken = st.sampled_from(["2023-12-31T22:00:00-05:00", "2024-02-29", "1969-07-20T20:17:40Z"])
posts = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["море волна", "sea wave", "снег", "a toddler at the sea"]),
        "tags": st.lists(st.sampled_from(["sea", "sun", "Moon"]), max_size=3),
        "attrs": st.fixed_dictionaries(
            {}, optional={"place": place | st.lists(place, min_size=1, max_size=2), "price": price, "taken": taken}
        ),
    },
    optional={"child": st.booleans(), "author": st.sampled_from(["u1", "u2"])},
)


def ask(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/search", json={"country": "RU", **body})
    assert response.status_code == 200, response.text
    return response.json()


def counted(answer: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {facet["facet"]: {one["value"]: one["posts"] for one in facet["values"]} for facet in answer["facets"]}


def scanned(client: TestClient, **body: Any) -> dict[str, dict[str, int]]:
    """The same counts by going through all hits."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    hits = ask(client, **body, limit=100)["hits"]
    for post in (hit["post"] for hit in hits if "id" in hit):
        attrs, several = post["attrs"], lambda value: value if isinstance(value, list) else [value]
        counts["tags"].update({tag.casefold() for tag in post["tags"]})
        counts["authors"].update({caption["author"] for caption in post["captions"] if caption["author"]})
        counts["attrs.place"].update(set(several(attrs["place"])) if "place" in attrs else ())
        if "price" in attrs:
            number = attrs["price"]
            counts["attrs.price"][f"{number:g}"] += 1
            counts["attrs.price:2"][f"{number // 2 * 2:g}"] += 1
        if "taken" in attrs:
            time = datetime.fromisoformat(attrs["taken"])
            day = (time - (time.utcoffset() or time - time)).date().isoformat()
            counts["attrs.taken:year"][day[:4]] += 1
            counts["attrs.taken:month"][day[:7]] += 1
    return {facet: dict(count) for facet, count in counts.items()}


WHOLE: dict[str, Any] = {
    "id": "whole",
    "text": "море волна whole",
    "tags": ["sea"],
    "attrs": {"place": "Ural", "price": 1, "taken": "2024-01-01"},
}


def _unlike_others(number: int, *, text: str, author: str | None = None, **more: Any) -> dict[str, Any]:
    """A post that is no copy of another."""
    return {"id": f"p{number}", "captions": [{"text": f"{text} n{number}", "author": author}], **more}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(written=st.lists(posts, max_size=20))
@pytest.mark.parametrize("question", [{}, {"text": "море"}, {"filter": {"field": "tags", "equals": "sun"}}])
def test_counts_are_those_of_the_hits(question: dict[str, Any], written: list[dict[str, Any]]) -> None:
    """Of all that may be seen, for any posts, whether they are listed or found by words."""
    store = ReferenceStore()
    World(store, None).take(WHOLE, *(_unlike_others(number, **post) for number, post in enumerate(written)))
    with client_from(create_app(ServiceSettings(), Parts(store))) as client:
        for country in ("RU", "IS"):
            answer = ask(client, **question, country=country, facets=FACETS)
            assert counted(answer) == scanned(client, **question, country=country)
            for one in (one for facet in answer["facets"] for one in facet["values"]):
                own = [question["filter"]] if "filter" in question else []
                narrowed = {**question, "filter": {"and": [*own, one["filter"]]}}
                assert ask(client, **narrowed, country=country)["total"] == one["posts"]


@pytest.fixture
def shop() -> Iterator[TestClient]:
    store = ReferenceStore()
    written = [
        {
            "id": f"p{n}",
            "text": f"море n{n}",
            "tags": [f"tag{n % 4}", "sea"],
            "attrs": {"price": 10 * n, "where": "Ural"},
        }
        for n in range(12)
    ]
    held = {
        "id": "held",
        "text": "море kvorlina",
        "tags": ["kvorlina"],
        "child": True,
        "attrs": {"price": 999, "zubrowka": 1},
    }
    agreed = {"id": "agreed", "text": "море песок", "tags": ["babies"], "child": True, "consent": {"record": "form-1"}}
    World(store, None).take(*written, held, agreed)
    with client_from(create_app(ServiceSettings(), Parts(store))) as client:
        yield client


def test_a_facet_lists_the_most_frequent_values(shop: TestClient) -> None:
    """So many as are wanted, with the number of the others, and the ends of numbers."""
    tags, prices = ask(shop, facets=["tags", "attrs.price"], facet_limit=3, filter={"field": "tags", "equals": "sea"})[
        "facets"
    ]
    assert [(one["value"], one["posts"]) for one in tags["values"]] == [("sea", 12), ("tag0", 3), ("tag1", 3)]
    assert tags["others"] == 2
    assert (prices["least"], prices["most"]) == (0, 110)


def test_values_of_a_facet_are_searched(shop: TestClient) -> None:
    """By a part of them, in any case."""
    assert counted(ask(shop, facets=["tags"], facet_query={"tags": "AG2"})) == {"tags": {"tag2": 3}}


def test_a_facet_tells_nothing_of_what_is_withheld(shop: TestClient) -> None:
    """No word, number or field of it, not even that there is one; nor a word about children that may be shown."""
    for question in ({}, {"text": "море"}):
        answer = ask(shop, **question, facets=["tags", "attrs.price", "attrs.price:100"], facet_limit=100)
        told = json.dumps(answer["facets"], ensure_ascii=False)
        assert [mark for mark in (*HELD_MARKS, *CHILD_WORDS) if mark in told] == []
        assert answer["facets"][1]["most"] == 110
        wrong = problem_of(
            shop.post("/v1/search", json={**question, "country": "RU", "facets": ["attrs.zubrowka"]}), 422
        )
        unknown = problem_of(
            shop.post("/v1/search", json={**question, "country": "RU", "facets": ["attrs.nothing"]}), 422
        )
        assert wrong["detail"].replace("zubrowka", "nothing") == unknown["detail"]
    assert "kvorlina" in json.dumps(ask(shop, facets=["tags"], country="IS"))


def test_the_words_of_a_facet_query_pass_the_gate(shop: TestClient) -> None:
    """As those of a filter do."""
    assert ask(shop, facets=["tags"], facet_query={"tags": "toddler"})["disclaimer"] == SENTENCE


@pytest.mark.parametrize(
    "facet", ["text", "attrs.", "tags:year", "attrs.where:year", "attrs.where:5", "attrs.price:0", "added:5"]
)
def test_what_cannot_be_counted_by_gets_a_sentence(shop: TestClient, facet: str) -> None:
    """422, and which name is meant."""
    problem = problem_of(shop.post("/v1/search", json={"country": "RU", "facets": [facet]}), 422, "wrong_filter")
    assert facet.partition(":")[0] in problem["detail"]


@pytest.mark.parametrize("moment", ["9999-01-01", "9999-12-31T23:00:00Z"])
def test_the_last_year_has_no_next_one(moment: str) -> None:
    """A usual way to say that there is no date: each search that counted by times was an unforeseen error then."""
    store = ReferenceStore()
    World(store, None).take({"id": "p1", "text": "море снег волна", "attrs": {"taken": moment, "far": 1e308}})
    with client_from(create_app(ServiceSettings(), Parts(store))) as client:
        for unit, name in (("year", "9999"), ("month", moment[:7]), ("day", moment[:10])):
            (facet,) = ask(client, facets=[f"attrs.taken:{unit}"])["facets"]
            assert [(one["value"], one["posts"]) for one in facet["values"]] == [(name, 1)]
            assert [hit["id"] for hit in ask(client, filter=facet["values"][0]["filter"])["hits"]] == ["p1"]
            assert [group["value"] for group in ask(client, group_by=f"attrs.taken:{unit}")["groups"]] == [name]
        (facet,) = ask(client, facets=["attrs.far:1"])["facets"]
        assert [one["posts"] for one in facet["values"]] == [1]


def test_too_narrow_steps_are_refused() -> None:
    """A thousand is the most."""
    many = [{"id": f"n{n}", "text": f"море снег n{n}", "attrs": {"price": n}} for n in range(1001)]
    store = ReferenceStore()
    World(store, None).take(*many)
    with client_from(create_app(ServiceSettings(), Parts(store))) as client:
        assert "wider" in problem_of(client.post("/v1/search", json={"facets": ["attrs.price:1"]}), 422)["detail"]
