"""One contract, every store: where a model places photos among texts, and what was measured in the photos."""

import numpy as np
import pytest

from qdrant.errors import ModelMissing, PointRefused
from qdrant.points import point_id
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import ALIGNED, THETA
from tests.support.points import MODEL, OPEN, TOPICS, ids, point, theta

SIZE = 3


def vector(*values: float) -> np.ndarray:
    """A direction among the texts."""
    return np.array(values, np.float32)


WRONG = [vector(1, 0), vector(0, 0, 0), vector(np.nan, 0, 1)]


@pytest.fixture
def aligned(store: Store) -> Store:
    """A store whose model places photos too."""
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.add_vector(ALIGNED.of(MODEL), SIZE)
    store.activate(MODEL)
    return store


class TestAligned:
    def test_the_smallest_angle_comes_first(self, aligned: Store) -> None:
        """The cosine orders, whatever the length; equals are ordered by id, posts without a vector are not found."""
        aligned.upsert(
            [
                point("far", vectors={ALIGNED.of(MODEL): vector(-1, 0, 0)}),
                point("b", vectors={ALIGNED.of(MODEL): vector(1, 1, 0)}),
                point("a", vectors={ALIGNED.of(MODEL): vector(2, 2, 0)}),
                point("near", vectors={ALIGNED.of(MODEL): vector(0.5, 0, 0)}),
                point("without", vectors={THETA.of(MODEL): theta(1.0)}),
            ]
        )
        hits = aligned.candidates(Search(9, near={ALIGNED: Target(vector(3, 0, 0))})).hits[ALIGNED]
        assert ids(hits) == ["near", *sorted(["a", "b"], key=point_id), "far"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5, 0.5**0.5, -1], abs=1e-5)

    def test_all_arms_answer_in_one_go(self, aligned: Store) -> None:
        """Each finds its own, inside the filter; every hit comes with its theta and its vector."""
        aligned.upsert(
            [
                point(
                    "all", vectors={THETA.of(MODEL): theta(1.0), ALIGNED.of(MODEL): vector(1, 0, 0)}, words={"sea": 1.0}
                ),
                point(
                    "held",
                    vis="held",
                    vectors={THETA.of(MODEL): theta(1.0), ALIGNED.of(MODEL): vector(1, 0, 0)},
                    words={},
                ),
            ]
        )
        search = Search(
            5, near={THETA: Target(theta(1.0)), ALIGNED: Target(vector(1, 0, 0))}, words={"sea": 1.0}, filter=OPEN
        )
        candidates = aligned.candidates(search)
        arms = (candidates.hits[THETA], candidates.words, candidates.hits[ALIGNED])
        assert [ids(arm) for arm in arms] == [["all"]] * 3
        assert candidates.words[0].point.aligned == pytest.approx([1, 0, 0])
        assert candidates.hits[ALIGNED][0].point.theta == pytest.approx(theta(1.0))

    def test_vectors_are_filled_in_and_go_with_their_model(self, aligned: Store) -> None:
        """Those of a new model replace the old ones when it is switched to; a model without any has no such arm."""
        aligned.upsert([point("a", vectors={ALIGNED.of(MODEL): vector(1, 0, 0)}), point("b")])
        aligned.put_vectors(ALIGNED.of(MODEL), [("b", vector(0, 1, 0)), ("gone", vector(0, 1, 0))])
        assert ids(aligned.candidates(Search(5, near={ALIGNED: Target(vector(0, 1, 0))})).hits[ALIGNED]) == ["b", "a"]
        assert aligned.info().sizes(ALIGNED) == {MODEL: SIZE}
        aligned.add_vector(THETA.of("m2"), 2)
        aligned.activate("m2")
        assert aligned.info().sizes(ALIGNED) == {}
        with pytest.raises(PointRefused, match="no aligned vector of m2"):
            aligned.candidates(Search(5, near={ALIGNED: Target(vector(0, 1, 0))}))

    @pytest.mark.parametrize("wrong", WRONG, ids=["size", "zero", "nan"])
    def test_a_vector_without_a_direction_is_refused(self, aligned: Store, wrong: np.ndarray) -> None:
        """An engine would take some of these and find nothing ever after."""
        with pytest.raises(PointRefused, match="aligned vector"):
            aligned.upsert([point("a", vectors={ALIGNED.of(MODEL): wrong})])
        with pytest.raises(PointRefused, match="aligned vector"):
            aligned.put_vectors(ALIGNED.of(MODEL), [("a", wrong)])
        assert aligned.count() == 0

    def test_without_a_model_there_is_nothing_to_ask(self, store: Store) -> None:
        """The error names the way out."""
        with pytest.raises(ModelMissing, match="photosense train"):
            store.candidates(Search(5, near={ALIGNED: Target(vector(1, 0, 0))}))


class TestFeatures:
    def test_they_are_read_only_when_they_are_wanted(self, store: Store) -> None:
        """Training reads them to half precision; a search does not carry them about."""
        store.upsert([point("a", features=vector(0.25, -1.5, 3.1)), point("b")])
        assert [one.features for one in store.scroll()] == [None, None]
        features = {one.id: one.features for one in store.scroll(features=True)}
        assert features["a"] == pytest.approx([0.25, -1.5, 3.1], rel=1e-3)
        assert features["b"] is None

    def test_what_16_bits_cannot_hold_is_refused(self, store: Store) -> None:
        """Infinity would spoil whatever is learned from them."""
        with pytest.raises(PointRefused, match="16 bits"):
            store.upsert([point("a", features=vector(1e9))])
        with pytest.raises(PointRefused, match="The evidence of post 'a'"):
            store.upsert([point("a", evidence=vector(float("nan")))])

    def test_evidence_of_a_photo_is_read_with_them(self, store: Store) -> None:
        """No search carries it about: it tells of photos that are held as well."""
        store.upsert([point("a", evidence=vector(2, 7.5, 0.25)), point("b", features=vector(1))])
        assert [one.evidence for one in store.scroll()] == [None, None]
        evidence = {one.id: one.evidence for one in store.scroll(features=True)}
        assert evidence["a"] == pytest.approx([2, 7.5, 0.25])
        assert evidence["b"] is None
