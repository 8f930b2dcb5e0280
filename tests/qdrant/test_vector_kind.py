"""A kind of vectors is a value: a further arm costs an entry and a line of weight, and no change in any store."""

import numpy as np
import pytest

from api.search.ranking import WEIGHTS, scores_of
from qdrant.outline import Outlines
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import Measure, VectorKind
from tests.support.points import point
from tests.support.small_world import World, small_world

SHADE = VectorKind("shade", Measure.COSINE)
EYE = SHADE.of("eye-1")
DARK, LIGHT = np.array([1.0, 0.0, 0.0], np.float32), np.array([0.0, 0.6, 0.8], np.float32)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return small_world(tmp_path_factory.mktemp("models"))


def test_a_further_kind_is_searched_like_any_other(store: Store) -> None:
    """Nearest first, those without such a vector not at all; it is dropped by its name."""
    store.add_vector(EYE, 3)
    store.upsert([point("night", vectors={EYE: DARK}), point("noon", vectors={EYE: LIGHT}), point("bare")])
    hits = store.candidates(Search(5, near={SHADE: Target(DARK, EYE.owner)})).hits[SHADE]
    assert [hit.point.id for hit in hits] == ["night", "noon"]
    assert hits[0].score == pytest.approx(1.0, abs=1e-5)
    cut = store.candidates(Search(5, near={SHADE: Target(DARK, EYE.owner, cutoff=0.5)})).hits[SHADE]
    assert [hit.point.id for hit in cut] == ["night"]
    assert store.info().sizes(SHADE) == {"eye-1": 3}
    store.drop_vector(EYE)
    assert store.info().sizes(SHADE) == {}


def test_a_further_kind_orders_with_one_line_of_weight(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its weight in the table, the likeness counts in the last ordering."""
    assert world.model is not None
    monkeypatch.setitem(WEIGHTS, SHADE, lambda _ranking, _photo: 1.0)  # the line that a new arm adds
    world.store.add_vector(EYE, 3)
    world.store.put_vectors(EYE, [("sea-0", LIGHT), ("sea-3", DARK)])
    posts = Outlines.of([one for one in world.store.get(["sea-0", "sea-3"]) if one is not None], world.store.active)
    for embedding, first in ((DARK, "sea-3"), (LIGHT, "sea-0")):
        scores = scores_of({}, posts, world.model, {}, {SHADE: Target(embedding, EYE.owner)})
        assert posts.ids[int(scores.argmax())] == first
