"""What hits must be like: the site's own fields, within the law, and a sentence for what cannot be read."""

from typing import Any

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import SENTENCE, World


def ids(client: TestClient, country: str = "IS", **body: Any) -> set[str]:
    response = client.post("/v1/search", json={"text": "sea mountains city", "limit": 100, "country": country, **body})
    assert response.status_code == 200, response.text
    return {hit.get("id", SENTENCE) for hit in response.json()["hits"]}


@pytest.mark.parametrize("mode", ["hybrid", "words", "topics"])
def test_a_filter_narrows_every_mode(site: TestClient, mode: str) -> None:
    """Only hits of one album are left, and none of them is lost."""
    everything = ids(site, mode=mode, min_match=0)
    posts = ids(site, mode=mode, min_match=0, filter={"field": "attrs.album", "equals": "sea"})
    assert posts == {post for post in everything if post.startswith("sea-")}
    assert len(posts) >= 8


def test_a_form_carries_a_filter_as_json(site: TestClient) -> None:
    """The same filter, in a field of a form."""
    fields = {"text": "sea", "country": "IS", "filter": '{"field": "tags", "equals": "#МОРЕ"}'}
    response = site.post("/v1/search", files={name: (None, value) for name, value in fields.items()})
    assert response.status_code == 200, response.text
    assert {hit["id"].split("-")[0] for hit in response.json()["hits"]} == {"sea"}


def test_a_filter_of_nothing_says_that_nothing_matches(site: TestClient) -> None:
    """An empty answer, with its notice."""
    body = {"text": "sea", "country": "IS", "filter": {"field": "attrs.album", "equals": "nowhere"}}
    answer = site.post("/v1/search", json=body).json()
    assert (answer["hits"], answer["total"]) == ([], 0)
    assert answer["notice"]


@pytest.mark.parametrize(
    ("node", "code", "sentence"),
    [
        pytest.param({"field": "attrs.albun", "equals": "sea"}, "wrong_filter", "attrs.albun", id="misspelt"),
        pytest.param({"field": "vis", "equals": "held"}, "wrong_filter", "$.field must be one of", id="ours"),
        pytest.param({"must": []}, "wrong_filter", "$.must is unknown", id="the engine's"),
        pytest.param({}, "wrong_filter", "is no filter", id="empty"),
        pytest.param([], "wrong_field", "filter", id="a list"),
        pytest.param("vis", "wrong_field", "filter", id="a word"),
    ],
)
def test_what_is_no_filter_gets_a_sentence(site: TestClient, node: object, code: str, sentence: str) -> None:
    """422 with where it is wrong and how to write it."""
    problem = problem_of(site.post("/v1/search", json={"text": "sea", "filter": node}), 422)
    assert problem["code"] == code
    assert sentence in problem["detail"]


def test_a_filter_cannot_ask_what_the_text_may_not(site: TestClient) -> None:
    """Its words pass the gate together with those of the text."""
    for wanted in ({"field": "tags", "equals": "toddlers"}, {"field": "text", "contains": "маленькая девочка"}):
        answer = site.post("/v1/search", json={"text": "sea", "filter": wanted, "country": "RU"}).json()
        assert (answer["disclaimer"], answer["hits"]) == (SENTENCE, [])


def test_a_filter_does_not_tell_which_fields_a_withheld_post_has(site: TestClient, world: World) -> None:
    """A field that only held posts have is refused like one that nobody has."""
    world.take({"id": "secret", "text": "sea waves surf", "child": True, "attrs": {"ward": "north"}})
    problems = [
        problem_of(site.post("/v1/search", json={"text": "sea", "filter": {"field": field, "equals": "north"}}), 422)
        for field in ("attrs.ward", "attrs.none")
    ]
    assert problems[0]["detail"].replace("ward", "none") == problems[1]["detail"]
    site.delete("/v1/posts/secret")
