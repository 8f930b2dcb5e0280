"""Paging: pages put together are the whole, in one order, without a hit twice."""

from collections.abc import Iterator

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from qdrant.vector_kind import THETA
from tests.support.http_client import TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import WORDS, World
from topic_model.models import Models

MANY = 260


@pytest.fixture(scope="module")
def crowded(world: World) -> Iterator[TestClient]:
    """A store with more posts of one subject than one search looks at."""
    assert world.model is not None
    store = ReferenceStore()
    store.add_vector(THETA.of(world.model.id), world.model.topics)
    store.activate(world.model.id)
    words = " ".join(phrase for subject in WORDS.values() for phrase in subject[:2]).split()
    written = [
        {
            "id": f"p{n:03}",
            "text": " ".join(["море", *(words[(n * step) % len(words)] for step in (1, 7, 11, 13)), f"n{n}"]),
        }
        for n in range(MANY)
    ]
    World(store, world.model).take(*written)
    with client_from(create_app(ServiceSettings(), Parts(store, models=Models(world.model)))) as client:
        yield client


def page(client: TestClient, mode: str, offset: int, limit: int) -> dict:
    body = {"text": "море и снег", "mode": mode, "offset": offset, "limit": limit, "country": "IS"}
    return client.post("/v1/search", json=body).json()


@pytest.mark.parametrize("mode", ["hybrid", "topics", "words"])
@pytest.mark.parametrize("limit", [7, 100])
def test_pages_do_not_overlap(crowded: TestClient, mode: str, limit: int) -> None:
    """Page after page, each hit comes once, and a last page says that there is no more."""
    ids: list[str] = []
    more = True
    while more:
        answer = page(crowded, mode, len(ids), limit)
        ids += [hit["id"] for hit in answer["hits"]]
        more = answer["more"]
        assert len(answer["hits"]) == limit or not more
    assert len(ids) == len(set(ids))
    assert len(ids) == answer["total"] > 100
    assert ids == [hit["id"] for start in range(0, MANY, 50) for hit in page(crowded, mode, start, 50)["hits"]]


@pytest.mark.parametrize("offset", [0, 1, 899, 900])
def test_an_offset_beyond_the_end_gives_an_empty_page(site: TestClient, offset: int) -> None:
    """Where nothing is left there are no hits, and the total stays what it was."""
    whole = page(site, "hybrid", 0, 100)
    answer = page(site, "hybrid", offset, 5)
    assert answer["hits"] == whole["hits"][offset : offset + 5]
    assert answer["total"] == whole["total"]
    assert answer["more"] == (offset + 5 < whole["total"])


def test_similar_pages_like_a_search(site: TestClient) -> None:
    """Posts like a post are paged by the same two numbers."""
    address = "/v1/posts/sea-0/similar"
    whole = site.get(address, params={"limit": 100, "country": "IS"}).json()
    parts = [site.get(address, params={"limit": 2, "offset": at, "country": "IS"}).json() for at in range(0, 100, 2)]
    assert [hit["id"] for part in parts for hit in part["hits"]] == [hit["id"] for hit in whole["hits"]]
    assert [part["more"] for part in parts] == [at + 2 < whole["total"] for at in range(0, 100, 2)]
