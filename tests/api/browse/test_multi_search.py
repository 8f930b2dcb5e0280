"""Several searches at once, each answered as if it had come alone."""

from typing import Any

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import SENTENCE


def test_each_search_is_answered_by_itself(site: TestClient) -> None:
    """In order; a mistake in one, or a refusal, is that one's alone."""
    searches = [
        {"text": "море", "limit": 3},
        {"sort": "price"},
        {"text": "toddler"},
        {"like": ["held-child"]},
        {"facets": ["tags"], "limit": 1, "country": "IS"},
    ]
    answers = site.post("/v1/multi-search", json={"searches": searches, "country": "RU"}).json()["answers"]
    alone = site.post("/v1/search", json={"text": "море", "limit": 3, "country": "RU"}).json()
    assert answers[0]["answer"]["hits"] == alone["hits"]
    assert answers[1]["problem"]["code"] == "wrong_filter"
    assert answers[2]["answer"]["disclaimer"] == SENTENCE
    assert answers[3]["problem"]["status"] == 404
    assert answers[4]["answer"]["country"]["code"] == "IS"
    assert answers[4]["answer"]["facets"]


def test_a_body_that_cannot_be_read_is_refused_whole(site: TestClient) -> None:
    """None, too many, a photo, a field that is none."""
    wrong: tuple[Any, ...] = ([], [{}] * 11, [{"photo": "AAAA"}], [{"colour": "red"}], {"text": "sea"})
    for searches in wrong:
        problem_of(site.post("/v1/multi-search", json={"searches": searches}), 422, "wrong_field")
