"""An account of a hit adds up to its place in the order, and tells nothing of posts that the visitor may not see."""

import math
from typing import Any

import pytest

from tests.support.http_client import TestClient
from tests.support.small_world import as_base64, photo_file


def hits(client: TestClient, **body: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/search", json={"country": "RU", "limit": 100, "explain": True, **body}).json()
    return [hit for hit in answer["hits"] if "id" in hit]


def test_the_odds_of_a_text_are_its_match(site: TestClient) -> None:
    """Which is what hits stand in the order of."""
    found = hits(site, text="sea wave")
    assert len(found) > 5
    for hit in found:
        account = hit["account"]
        assert account["ordered_by"] == "odds"
        assert account["kind"].startswith("words" if hit["words"] else ("photo", "words"))
        assert math.isclose(1 / (1 + math.exp(-account["odds"])), hit["match"], abs_tol=1e-3)
        assert account["topics"] is None or 0 <= account["topics"] <= 1
    assert [hit["account"]["odds"] for hit in found] == sorted([hit["account"]["odds"] for hit in found], reverse=True)


@pytest.mark.parametrize(("mode", "arm"), [("words", "words"), ("topics", "theta")])
def test_a_single_arm_ranks_what_it_found(site: TestClient, mode: str, arm: str) -> None:
    """First is 1; no weight of a word is told, as it counts posts that nobody may see."""
    found = hits(site, text="sea wave", mode=mode)
    ranks = [{rank["arm"]: rank for rank in hit["account"]["arms"]} for hit in found]
    assert [list(rank) for rank in ranks] == [[arm]] * len(found)
    assert sorted(rank[arm]["rank"] for rank in ranks) == [rank[arm]["rank"] for rank in ranks]
    assert {rank[arm]["score"] is None for rank in ranks} == {arm == "words"}
    assert {hit["account"]["ordered_by"] for hit in found} == {mode}


def test_other_orders_are_named(site: TestClient, words_only: TestClient) -> None:
    """By a field, by a photo, and before there is a model; who asks for no account gets none."""
    assert hits(site, text="sea", sort="added")[0]["account"]["ordered_by"] == "field"
    photo = hits(site, photo=as_base64(photo_file("sea", 4)))
    assert {hit["account"]["ordered_by"] for hit in photo} <= {"score", "topics"}
    assert hits(words_only, text="sea")[0]["account"]["ordered_by"] == "words"
    assert hits(site, text="sea", explain=False)[0]["account"] is None
