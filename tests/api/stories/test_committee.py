"""A committee behind the service: it finds, and one member explains, in parts of the match that is shown."""

from collections.abc import Iterator

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from qdrant.vector_kind import THETA
from tests.api.routes.test_search import search, subjects
from tests.support.http_client import TestClient, client_from
from tests.support.small_world import words_only_world
from topic_model.models import Models
from topic_model.training.recipe import Recipe
from training.topics import retrain

MEMBERS, TOPICS = 3, 6


@pytest.fixture(scope="module")
def committee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The small world, learned by three models."""
    store = words_only_world().store
    recipe = Recipe(topics=TOPICS, background=1, passes=20, threads=1, committee=MEMBERS)
    model = retrain(store, tmp_path_factory.mktemp("models"), recipe, "patches-2").model
    assert store.info().sizes(THETA) == {model.id: MEMBERS * TOPICS}
    with client_from(create_app(ServiceSettings(), Parts(store, models=Models(model)))) as client:
        yield client


def test_it_finds_in_both_languages(committee: TestClient) -> None:
    """What one model finds, three find."""
    assert subjects(search(committee, text="трамвай")) == {"city"}
    assert subjects(search(committee, text="snow summit", limit=5)) == {"mountains"}


def test_reasons_are_parts_of_the_whole(committee: TestClient) -> None:
    """Nobody reads of a topic that makes up more than the whole, or of the same topic three times."""
    for hit in search(committee, text="море волна")["hits"]:
        named = [reason["topic"] for reason in hit["why"]]
        assert len(set(named)) == len(named)
        assert all(topic < TOPICS for topic in named)
        assert sum(reason["share"] for reason in hit["why"]) <= 1.0001


def test_topics_are_those_of_the_member_that_explains(committee: TestClient) -> None:
    """Six topics to read, not eighteen; their shares make up the whole."""
    topics = committee.get("/v1/topics").json()["topics"]
    assert len(topics) == TOPICS
    assert sum(topic["share"] for topic in topics) == pytest.approx(1.0, abs=0.01)
