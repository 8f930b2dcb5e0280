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


def place(*values: float) -> np.ndarray:
    """A direction among photos and texts."""
    return np.array(values, np.float32)


def near(*values: float, least: float = -1.0, limit: int = 9) -> Search:
    """A search for what lies there."""
    return Search(limit, near={DUAL: Target(place(*values), CLIP, least)}, filter=OPEN)


@pytest.fixture
def seen(store: Store) -> Store:
    """A store without a model, that a dual encoder has a place in."""
    store.add_vector(DUAL.of(CLIP), SIZE)
    return store


class TestDual:
    def test_the_smallest_angle_comes_first(self, seen: Store) -> None:
        """No model is needed; equals are ordered by id, and posts that were not seen are not found."""
        seen.upsert(
            [
                point("far", vectors={DUAL.of(CLIP): place(-1, 0, 0)}),
                point("b", vectors={DUAL.of(CLIP): place(1, 1, 0)}),
                point("a", vectors={DUAL.of(CLIP): place(2, 2, 0)}),
                point("near", vectors={DUAL.of(CLIP): place(0.5, 0, 0)}),
                point("held", vis="held", vectors={DUAL.of(CLIP): place(1, 0, 0)}, words={}),
                point("unseen"),
            ]
        )
        hits = seen.candidates(near(3, 0, 0)).hits[DUAL]
        assert ids(hits) == ["near", *sorted(["a", "b"], key=point_id), "far"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5, 0.5**0.5, -1], abs=1e-5)

    def test_what_is_less_like_it_than_the_least_is_not_found(self, seen: Store) -> None:
        """A dual encoder has its own measure of what is a match."""
        seen.upsert(
            [point("a", vectors={DUAL.of(CLIP): place(1, 0, 0)}), point("b", vectors={DUAL.of(CLIP): place(1, 2, 0)})]
        )
        assert ids(seen.candidates(near(1, 0, 0, least=0.5)).hits[DUAL]) == ["a"]
        assert ids(seen.candidates(near(1, 0, 0, limit=1)).hits[DUAL]) == ["a"]
        assert seen.candidates(near(1, 0, 0, limit=0)).hits[DUAL] == []

    def test_all_arms_answer_in_one_go(self, seen: Store) -> None:
        """Each finds its own, inside the filter; every hit comes with all its vectors."""
        seen.add_vector(THETA.of(MODEL), TOPICS)
        seen.add_vector(ALIGNED.of(MODEL), SIZE)
        seen.activate(MODEL)
        owners = {THETA: MODEL, ALIGNED: MODEL, DUAL: CLIP}
        values = {THETA: theta(1.0), ALIGNED: place(0, 1, 0), DUAL: place(0, 0, 1)}
        vectors = {kind.of(owners[kind]): one for kind, one in values.items()}
        open_, held = (
            point("all", words={"sea": 1.0}, vectors=vectors),
            point("held", vis="held", words={}, vectors=vectors),
        )
        seen.upsert([open_, held])
        near = {kind: Target(one, owners[kind]) for kind, one in values.items()}
        found = seen.candidates(Search(5, near, {"sea": 1.0}, OPEN))
        arms = (found.hits[THETA], found.words, found.hits[ALIGNED], found.hits[DUAL])
        assert [ids(arm) for arm in arms] == [["all"]] * 4
        for (hit,) in arms:
            assert hit.point.theta == pytest.approx(theta(1.0))
            assert hit.point.aligned == pytest.approx([0, 1, 0])
            assert hit.point.vector(DUAL, CLIP) == pytest.approx([0, 0, 1])

    def test_a_new_model_leaves_them_alone(self, seen: Store) -> None:
        """They belong to the dual encoder: training needs neither the crawl nor the photos again."""
        seen.upsert([point("a", vectors={DUAL.of(CLIP): place(1, 0, 0)})])
        for model in (MODEL, "m2"):
            seen.add_vector(THETA.of(model), TOPICS)
            seen.put_vectors(THETA.of(model), [("a", theta(1.0))])
            seen.activate(model)
        assert ids(seen.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]
        assert seen.info().sizes(DUAL) == {CLIP: SIZE}
        (found,) = seen.get(["a"])
        assert found is not None
        assert found.vector(DUAL, CLIP) == pytest.approx([1, 0, 0])
        assert [point.vector(DUAL, CLIP) is not None for point in seen.scroll()] == [True]

    def test_what_was_stored_before_can_be_filled_in(self, seen: Store) -> None:
        """Those that are not there are passed over; how many were seen can be counted."""
        seen.upsert([point("a"), point("b")])
        assert seen.count(Has(DUAL.of(CLIP).name)) == 0
        seen.put_vectors(DUAL.of(CLIP), [("b", place(0, 1, 0)), ("gone", place(0, 1, 0))])
        assert ids(seen.candidates(near(0, 1, 0)).hits[DUAL]) == ["b"]
        assert seen.count(Has(DUAL.of(CLIP).name)) == 1

    def test_adding_it_again_changes_nothing(self, seen: Store) -> None:
        """Every start of a service adds it."""
        seen.upsert([point("a", vectors={DUAL.of(CLIP): place(1, 0, 0)})])
        seen.add_vector(DUAL.of(CLIP), SIZE)
        assert ids(seen.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]

    def test_two_live_beside_each_other_until_one_is_dropped(self, seen: Store) -> None:
        """Their vectors never mix; what is dropped is asked for in vain."""
        seen.add_vector(DUAL.of("clip-2"), 2)
        seen.upsert([point("a", vectors={DUAL.of(CLIP): place(1, 0, 0), DUAL.of("clip-2"): place(0, 1)}), point("b")])
        found = seen.candidates(Search(9, near={DUAL: Target(place(1, 1), "clip-2")})).hits[DUAL]
        assert (ids(found), found[0].score) == (["a"], pytest.approx(0.5**0.5, abs=1e-5))
        seen.drop_vector(DUAL.of(CLIP))
        seen.drop_vector(DUAL.of("never was"))
        assert seen.info().sizes(DUAL) == {"clip-2": 2}
        assert [set(found.vectors) for found in seen.get(["a"]) if found] == [{DUAL.of("clip-2").name}]
        with pytest.raises(PointRefused, match="no dual vector of clip-1"):
            seen.candidates(near(1, 0, 0))

    @pytest.mark.parametrize("wrong", [place(1, 0), place(0, 0, 0), place(np.nan, 0, 1)], ids=["size", "zero", "nan"])
    def test_a_place_without_a_direction_is_refused(self, seen: Store, wrong: np.ndarray) -> None:
        """In a post, when it is filled in, and in a question."""
        with pytest.raises(PointRefused, match="dual vector"):
            seen.upsert([point("a", vectors={DUAL.of(CLIP): wrong})])
        with pytest.raises(PointRefused, match="dual vector"):
            seen.put_vectors(DUAL.of(CLIP), [("a", wrong)])
        with pytest.raises(PointRefused, match="dual vector"):
            seen.candidates(Search(5, near={DUAL: Target(wrong, CLIP)}))
        assert seen.count() == 0

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
    store.upsert([point("a", vectors={DUAL.of(CLIP): place(1, 0, 0)}), point("b")])
    store.close()
    store = open_folder(tmp_path / "store")
    assert ids(store.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]
    store.optimize()
    assert ids(store.candidates(near(1, 0, 0)).hits[DUAL]) == ["a"]
    store.close()
