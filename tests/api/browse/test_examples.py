"""Examples: posts that hits should be like, and unlike."""

from typing import Any

import pytest

from tests.support.http_client import TestClient, problem_of


def subjects(client: TestClient, **body: Any) -> list[str]:
    response = client.post("/v1/search", json={"country": "RU", "limit": 5, **body})
    assert response.status_code == 200, response.text
    return [hit["id"].split("-")[0] for hit in response.json()["hits"]]


def test_hits_are_like_an_example_and_it_is_none_of_them(site: TestClient) -> None:
    """By topics, with a match and a why, as for any question."""
    answer = site.post("/v1/search", json={"country": "RU", "limit": 100, "like": ["city-2"]}).json()
    ids = [hit["id"] for hit in answer["hits"]]
    assert "city-2" not in ids
    assert {post.split("-")[0] for post in ids[:5]} == {"city"}
    assert answer["hits"][0]["match"] > 0.5
    assert answer["hits"][0]["why"]
    assert answer["query"]["mode"] == "topics"


def test_what_is_unlike_an_example_comes_first(site: TestClient) -> None:
    """Its topics count against a hit."""
    assert set(subjects(site, like=["city-2", "sea-0"], unlike=["sea-3"])) == {"city"}
    assert set(subjects(site, text="море волна город улица", mode="topics", unlike=["sea-3"])) == {"city"}


@pytest.mark.parametrize("part", ["like", "unlike"])
def test_a_withheld_example_is_as_one_that_is_not_there(site: TestClient, part: str) -> None:
    """The same sentence, so that nobody learns of it."""
    says = [
        problem_of(site.post("/v1/search", json={"country": "RU", "text": "море", part: [post]}), 404)["detail"]
        for post in ("held-child", "held-nobody")
    ]
    assert says[0] == says[1]
    assert subjects(site, text="море", country="IS", **{part: ["held-child"]})


def test_nothing_to_be_like_gets_a_sentence(site: TestClient, words_only: TestClient) -> None:
    """Without a text and a liked post there are no topics to take others from, and without a model none at all."""
    assert "like" in problem_of(site.post("/v1/search", json={"unlike": ["sea-0"]}), 422, "wrong_field")["detail"]
    problem = problem_of(words_only.post("/v1/search", json={"like": ["sea-0"]}), 409, "model_missing")
    assert "train" in problem["detail"]


def test_topics_are_wanted_more_or_less_of(site: TestClient) -> None:
    """By their numbers, with or without words; one that the law withholds, or that is none, is refused alike."""
    topics = site.get("/v1/topics", params={"country": "RU"}).json()["topics"]
    of_city = next(topic["topic"] for topic in topics if "город" in topic["words"][:5])
    assert set(subjects(site, more_of=[of_city])) == {"city"}
    shared = {"text": "море город", "mode": "topics", "country": "IS"}
    assert subjects(site, **shared, more_of=[of_city])[:3] == ["city"] * 3
    assert "city" not in subjects(site, **shared, less_of=[of_city])[:3]
    assert "more_of[0]" in problem_of(site.post("/v1/search", json={"more_of": [999]}), 422, "wrong_field")["detail"]
    assert "less_of" in problem_of(site.post("/v1/search", json={"less_of": [of_city]}), 422, "wrong_field")["detail"]
