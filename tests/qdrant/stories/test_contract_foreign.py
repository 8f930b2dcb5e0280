"""One contract, every store: where a dual encoder places photos, whether there is a model or not."""

from pathlib import Path

import numpy as np
import pytest

from qdrant.errors import PointRefused
from qdrant.filters import Has
from qdrant.open_store import open_folder
from qdrant.points import foreign_name, point_id
from qdrant.store import Foreign, Search, Store
from tests.support.points import MODEL, OPEN, TOPICS, ids, point, theta

CLIP, SIZE = "clip-1", 3


def place(*values: float) -> np.ndarray:
    """A direction among photos and texts."""
    return np.array(values, np.float32)


def near(*values: float, least: float = -1.0, limit: int = 9) -> Search:
    """A search for what lies there."""
    return Search(limit, foreign=Foreign(CLIP, place(*values), least), filter=OPEN)


@pytest.fixture
def seen(store: Store) -> Store:
    """A store without a model, that a dual encoder has a place in."""
    store.add_foreign(CLIP, SIZE)
    return store


class TestForeign:
    def test_the_smallest_angle_comes_first(self, seen: Store) -> None:
        """No model is needed; equals are ordered by id, and posts that were not seen are not found."""
        seen.upsert(
            [
                point("far", foreign={CLIP: place(-1, 0, 0)}),
                point("b", foreign={CLIP: place(1, 1, 0)}),
                point("a", foreign={CLIP: place(2, 2, 0)}),
                point("near", foreign={CLIP: place(0.5, 0, 0)}),
                point("held", vis="held", foreign={CLIP: place(1, 0, 0)}, words={}),
                point("unseen"),
            ]
        )
        hits = seen.candidates(near(3, 0, 0)).by_foreign
        assert ids(hits) == ["near", *sorted(["a", "b"], key=point_id), "far"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5, 0.5**0.5, -1], abs=1e-5)

    def test_what_is_less_like_it_than_the_least_is_not_found(self, seen: Store) -> None:
        """A dual encoder has its own measure of what is a match."""
        seen.upsert([point("a", foreign={CLIP: place(1, 0, 0)}), point("b", foreign={CLIP: place(1, 2, 0)})])
        assert ids(seen.candidates(near(1, 0, 0, least=0.5)).by_foreign) == ["a"]
        assert ids(seen.candidates(near(1, 0, 0, limit=1)).by_foreign) == ["a"]
        assert seen.candidates(near(1, 0, 0, limit=0)).by_foreign == []

    def test_all_arms_answer_in_one_go(self, seen: Store) -> None:
        """Each finds its own, inside the filter; every hit comes with all its vectors."""
        seen.add_model(MODEL, TOPICS, SIZE)
        seen.activate(MODEL)
        vectors = {"thetas": {MODEL: theta(1.0)}, "aligned": {MODEL: place(0, 1, 0)}, "foreign": {CLIP: place(0, 0, 1)}}
        seen.upsert([point("all", words={"sea": 1.0}, **vectors), point("held", vis="held", words={}, **vectors)])
        foreign = Foreign(CLIP, place(0, 0, 1))
        found = seen.candidates(Search(5, theta(1.0), {"sea": 1.0}, place(0, 1, 0), foreign, OPEN))
        arms = (found.by_theta, found.by_words, found.by_aligned, found.by_foreign)
        assert [ids(arm) for arm in arms] == [["all"]] * 4
        for (hit,) in arms:
            assert hit.point.theta == pytest.approx(theta(1.0))
            assert hit.point.aligned == pytest.approx([0, 1, 0])
            assert hit.point.foreign[CLIP] == pytest.approx([0, 0, 1])

    def test_a_new_model_leaves_them_alone(self, seen: Store) -> None:
        """They belong to the dual encoder: training needs neither the crawl nor the photos again."""
        seen.upsert([point("a", foreign={CLIP: place(1, 0, 0)})])
        for model in (MODEL, "m2"):
            seen.add_model(model, TOPICS)
            seen.put_thetas(model, [("a", theta(1.0))])
            seen.activate(model)
        assert ids(seen.candidates(near(1, 0, 0)).by_foreign) == ["a"]
        assert seen.info().foreign == {CLIP: SIZE}
        (found,) = seen.get(["a"])
        assert found is not None
        assert found.foreign[CLIP] == pytest.approx([1, 0, 0])
        assert [set(point.foreign) for point in seen.scroll()] == [{CLIP}]

    def test_what_was_stored_before_can_be_filled_in(self, seen: Store) -> None:
        """Those that are not there are passed over; how many were seen can be counted."""
        seen.upsert([point("a"), point("b")])
        assert seen.count(Has(foreign_name(CLIP))) == 0
        seen.put_foreign(CLIP, [("b", place(0, 1, 0)), ("gone", place(0, 1, 0))])
        assert ids(seen.candidates(near(0, 1, 0)).by_foreign) == ["b"]
        assert seen.count(Has(foreign_name(CLIP))) == 1

    def test_adding_it_again_changes_nothing(self, seen: Store) -> None:
        """Every start of a service adds it."""
        seen.upsert([point("a", foreign={CLIP: place(1, 0, 0)})])
        seen.add_foreign(CLIP, SIZE)
        assert ids(seen.candidates(near(1, 0, 0)).by_foreign) == ["a"]

    def test_two_live_beside_each_other_until_one_is_dropped(self, seen: Store) -> None:
        """Their vectors never mix; what is dropped is asked for in vain."""
        seen.add_foreign("clip-2", 2)
        seen.upsert([point("a", foreign={CLIP: place(1, 0, 0), "clip-2": place(0, 1)}), point("b")])
        found = seen.candidates(Search(9, foreign=Foreign("clip-2", place(1, 1)))).by_foreign
        assert (ids(found), found[0].score) == (["a"], pytest.approx(0.5**0.5, abs=1e-5))
        seen.drop_foreign(CLIP)
        seen.drop_foreign("never was")
        assert seen.info().foreign == {"clip-2": 2}
        assert [set(found.foreign) for found in seen.get(["a"]) if found] == [{"clip-2"}]
        with pytest.raises(PointRefused, match="no foreign vector of clip-1"):
            seen.candidates(near(1, 0, 0))

    @pytest.mark.parametrize("wrong", [place(1, 0), place(0, 0, 0), place(np.nan, 0, 1)], ids=["size", "zero", "nan"])
    def test_a_place_without_a_direction_is_refused(self, seen: Store, wrong: np.ndarray) -> None:
        """In a post, when it is filled in, and in a question."""
        with pytest.raises(PointRefused, match="foreign vector"):
            seen.upsert([point("a", foreign={CLIP: wrong})])
        with pytest.raises(PointRefused, match="foreign vector"):
            seen.put_foreign(CLIP, [("a", wrong)])
        with pytest.raises(PointRefused, match="foreign vector"):
            seen.candidates(Search(5, foreign=Foreign(CLIP, wrong)))
        assert seen.count() == 0

    @pytest.mark.parametrize("size", [0, 70_000])
    def test_a_size_that_no_engine_keeps_is_refused(self, store: Store, size: int) -> None:
        """Some engines would take it, and never open again."""
        with pytest.raises(PointRefused, match="1 to 65536"):
            store.add_foreign(CLIP, size)
        assert store.info().foreign == {}


def test_they_outlive_closing_and_compacting(tmp_path: Path) -> None:
    """The embedded store brings them back after either."""
    store = open_folder(tmp_path / "store")
    store.add_foreign(CLIP, SIZE)
    store.upsert([point("a", foreign={CLIP: place(1, 0, 0)}), point("b")])
    store.close()
    store = open_folder(tmp_path / "store")
    assert ids(store.candidates(near(1, 0, 0)).by_foreign) == ["a"]
    store.optimize()
    assert ids(store.candidates(near(1, 0, 0)).by_foreign) == ["a"]
    store.close()
