"""One contract, every store: where a dual encoder places photos, whether there is a model or not."""

from pathlib import Path

import numpy as np
import pytest

from qdrant.errors import PointRefused
from qdrant.filters import Has
from qdrant.open_store import open_folder
from qdrant.points import point_id
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import ALIGNED, DUAL, THETA
from tests.support.points import MODEL, OPEN, TOPICS, ids, point, theta

CLIP, SIZE = "clip-1", 3


def vector(*values: float) -> np.ndarray:
    """A direction among photos and texts."""
    return np.array(values, np.float32)


WRONG = [vector(1, 0), vector(0, 0, 0), vector(np.nan, 0, 1)]


def near(*values: float, least: float = -1.0, limit: int = 9) -> Search:
    """A search for what lies there."""
    return Search(limit, near={DUAL: Target(vector(*values), CLIP, least)}, filter=OPEN)


@pytest.fixture
def dual(store: Store) -> Store:
    """A store without a model, that takes the vectors of a dual encoder."""
    store.add_vector(DUAL.of(CLIP), SIZE)
    return store


class TestDual:
    def test_the_smallest_angle_comes_first(self, dual: Store) -> None:
        """No model is needed; equals are ordered by id, and posts that were not seen are not found."""
        dual.upsert(
            [
                point("far", vectors={DUAL.of(CLIP): vector(-1, 0, 0)}),
                point("b", vectors={DUAL.of(CLIP): vector(1, 1, 0)}),
                point("a", vectors={DUAL.of(CLIP): vector(2, 2, 0)}),
                point("near", vectors={DUAL.of(CLIP): vector(0.5, 0, 0)}),
                point("held", vis="held", vectors={DUAL.of(CLIP): vector(1, 0, 0)}, words={}),
                point("unseen"),
            ]
        )
        hits = dual.candidates(near(3, 0, 0)).hits[DUAL]
        assert ids(hits) == ["near", *sorted(["a", "b"], key=point_id), "far"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5, 0.5**0.5, -1], abs=1e-5)

    def test_what_is_less_like_it_than_the_least_is_not_found(self, dual: Store) -> None:
        """A dual encoder has its own measure of what is a match."""
        dual.upsert(
            [point("a", vectors={DUAL.of(CLIP): vector(1, 0, 0)}), point("b", vectors={DUAL.of(CLIP): vector(1, 2, 0)})]
        )
        assert ids(dual.candidates(near(1, 0, 0, least=0.5)).hits[DUAL]) == ["a"]
        assert ids(dual.candidates(near(1, 0, 0, limit=1)).hits[DUAL]) == ["a"]
        assert dual.candidates(near(1, 0, 0, limit=0)).hits[DUAL] == []

    def test_all_arms_answer_in_one_go(self, dual: Store) -> None:
        """Each finds its own, inside the filter; every hit comes with all its vectors."""
        dual.add_vector(THETA.of(MODEL), TOPICS)
        dual.add_vector(ALIGNED.of(MODEL), SIZE)
        dual.activate(MODEL)
        owners = {THETA: MODEL, ALIGNED: MODEL, DUAL: CLIP}
        values = {THETA: theta(1.0), ALIGNED: vector(0, 1, 0), DUAL: vector(0, 0, 1)}
        vectors = {kind.of(owners[kind]): one for kind, one in values.items()}
        open_, held = (
            point("all", words={"sea": 1.0}, vectors=vectors),
            point("held", vis="held", words={}, vectors=vectors),
        )
        dual.upsert([open_, held])
        near = {kind: Target(one, owners[kind]) for kind, one in values.items()}
        candidates = dual.candidates(Search(5, near, {"sea": 1.0}, OPEN))
        arms = (candidates.hits[THETA], candidates.words, candidates.hits[ALIGNED], candidates.hits[DUAL])
        assert [ids(arm) for arm in arms] == [["all"]] * 4
        for (hit,) in arms:
            assert hit.point.theta == pytest.approx(theta(1.0))
            assert hit.point.aligned == pytest.approx([0, 1, 0])
            assert hit.point.vector(DUAL, CLIP) == pytest.approx([0, 0, 1])

    def test_a_new_model_leaves_them_alone(self, dual: Store) -> None:
        """They belong to the dual encoder: training needs neither the crawl nor the photos again."""
        dual.upsert([point("a", vectors={DUAL.of(CLIP): vector(1, 0, 0)})])
        for model in (MODEL, "m2"):
            dual.add_vector(THETA.of(model), TOPICS)
            dual.put_vectors(THETA.of(model), [("a", theta(1.0))])
            dual.activate(model)
        assert ids(dual.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]
        assert dual.info().sizes(DUAL) == {CLIP: SIZE}
        (one,) = dual.get(["a"])
        assert one is not None
        assert one.vector(DUAL, CLIP) == pytest.approx([1, 0, 0])
        assert [point.vector(DUAL, CLIP) is not None for point in dual.scroll()] == [True]

    def test_what_was_stored_before_can_be_filled_in(self, dual: Store) -> None:
        """Those that are not there are passed over; how many were seen can be counted."""
        dual.upsert([point("a"), point("b")])
        assert dual.count(Has(DUAL.of(CLIP).name)) == 0
        dual.put_vectors(DUAL.of(CLIP), [("b", vector(0, 1, 0)), ("gone", vector(0, 1, 0))])
        assert ids(dual.candidates(near(0, 1, 0)).hits[DUAL]) == ["b"]
        assert dual.count(Has(DUAL.of(CLIP).name)) == 1

    def test_adding_it_again_changes_nothing(self, dual: Store) -> None:
        """Every start of a service adds it."""
        dual.upsert([point("a", vectors={DUAL.of(CLIP): vector(1, 0, 0)})])
        dual.add_vector(DUAL.of(CLIP), SIZE)
        assert ids(dual.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]

    def test_two_live_beside_each_other_until_one_is_dropped(self, dual: Store) -> None:
        """Their vectors never mix; what is dropped is asked for in vain."""
        dual.add_vector(DUAL.of("clip-2"), 2)
        dual.upsert([point("a", vectors={DUAL.of(CLIP): vector(1, 0, 0), DUAL.of("clip-2"): vector(0, 1)}), point("b")])
        hits = dual.candidates(Search(9, near={DUAL: Target(vector(1, 1), "clip-2")})).hits[DUAL]
        assert (ids(hits), hits[0].score) == (["a"], pytest.approx(0.5**0.5, abs=1e-5))
        dual.drop_vector(DUAL.of(CLIP))
        dual.drop_vector(DUAL.of("never was"))
        assert dual.info().sizes(DUAL) == {"clip-2": 2}
        assert [set(one.vectors) for one in dual.get(["a"]) if one] == [{DUAL.of("clip-2").name}]
        with pytest.raises(PointRefused, match="no dual vector of clip-1"):
            dual.candidates(near(1, 0, 0))

    @pytest.mark.parametrize("wrong", WRONG, ids=["size", "zero", "nan"])
    def test_a_vector_without_a_direction_is_refused(self, dual: Store, wrong: np.ndarray) -> None:
        """In a post, when it is filled in, and in a question."""
        with pytest.raises(PointRefused, match="dual vector"):
            dual.upsert([point("a", vectors={DUAL.of(CLIP): wrong})])
        with pytest.raises(PointRefused, match="dual vector"):
            dual.put_vectors(DUAL.of(CLIP), [("a", wrong)])
        with pytest.raises(PointRefused, match="dual vector"):
            dual.candidates(Search(5, near={DUAL: Target(wrong, CLIP)}))
        assert dual.count() == 0

    @pytest.mark.parametrize("size", [0, 70_000])
    def test_a_size_that_no_engine_keeps_is_refused(self, store: Store, size: int) -> None:
        """Some engines would take it, and never open again."""
        with pytest.raises(PointRefused, match="1 to 65536"):
            store.add_vector(DUAL.of(CLIP), size)
        assert store.info().sizes(DUAL) == {}


def test_they_outlive_closing_and_compacting(tmp_path: Path) -> None:
    """The embedded store brings them back after either."""
    store = open_folder(tmp_path / "store")
    store.add_vector(DUAL.of(CLIP), SIZE)
    store.upsert([point("a", vectors={DUAL.of(CLIP): vector(1, 0, 0)}), point("b")])
    store.close()
    store = open_folder(tmp_path / "store")
    assert ids(store.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]
    store.optimize()
    assert ids(store.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]
    store.close()
