"""One contract, every store: thetas of several models side by side."""

import numpy as np
import pytest

from qdrant.errors import ModelMissing, PointRefused
from qdrant.store import PostVector, Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, ids, point, theta


class TestModels:
    def test_a_new_model_is_filled_and_then_switched(self, modelled: Store) -> None:
        """The old thetas serve until the new ones are complete; then only the new ones exist."""
        modelled.upsert(
            [point("a", vectors={THETA.of(MODEL): theta(1.0)}), point("b", vectors={THETA.of(MODEL): theta(0.0, 1.0)})]
        )
        modelled.add_vector(THETA.of("m2"), 3)
        modelled.put_vectors(
            THETA.of("m2"), [("b", np.array([1, 0, 0], np.float32)), ("gone", np.array([1, 0, 0], np.float32))]
        )
        assert ids(modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA]) == ["a", "b"]
        modelled.activate("m2")
        assert modelled.active == "m2"
        assert ids(
            modelled.candidates(Search(5, near={THETA: Target(np.array([0, 1, 0], np.float32))})).hits[THETA]
        ) == ["b"]
        assert modelled.info().sizes(THETA) == {"m2": 3}

    def test_a_model_that_is_kept_is_searched_by_whoever_knows_no_other(self, modelled: Store) -> None:
        """A service answers with the model it has loaded until it has the new one, and nothing mixes."""
        old = modelled.of_model(MODEL)
        modelled.upsert([point("a", vectors={THETA.of(MODEL): theta(1.0)})])
        modelled.add_vector(THETA.of("m2"), 3)
        modelled.put_vectors(THETA.of("m2"), [("a", np.array([0, 1, 0], np.float32))])
        modelled.activate("m2", keep=[MODEL])
        assert (old.active, old.in_force(), modelled.active) == (MODEL, "m2", "m2")
        for store, target in ((old, theta(1.0)), (modelled, np.array([0, 1, 0], np.float32))):
            (hit,) = store.candidates(Search(5, near={THETA: Target(target)})).hits[THETA]
            (stored,) = store.scroll()
            assert hit.score == pytest.approx(0)
            for own in (hit.point.theta, stored.theta, store.get(["a"])[0].theta):
                assert own.tolist() == target.tolist()
        modelled.upsert([point("b", vectors={THETA.of(MODEL): theta(1.0)})])
        assert ids(old.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA]) == ["a", "b"]
        modelled.activate("m2")
        with pytest.raises(ModelMissing):
            old.candidates(Search(5, near={THETA: Target(theta(1.0))}))

    def test_a_vector_of_what_a_post_was_before_is_left_out(self, modelled: Store) -> None:
        """A post that is edited while a model is filled in never keeps the vector of its older words."""
        modelled.upsert([point("a"), point("b")])
        before = {one.id: one.changed for one in modelled.scroll()}
        modelled.upsert([point("b", version=2, words={"sea": 1.0})])
        modelled.put_vectors(THETA.of(MODEL), [PostVector(post, theta(1.0), before[post]) for post in ("a", "b")])
        assert [one.theta is not None for one in modelled.get(["a", "b"])] == [True, False]

    def test_a_model_can_come_back(self, modelled: Store) -> None:
        """Adding a model twice, or after it was dropped, starts it empty and works."""
        modelled.upsert([point("a", vectors={THETA.of(MODEL): theta(1.0)})])
        modelled.add_vector(THETA.of(MODEL), TOPICS)
        modelled.add_vector(THETA.of("m2"), 3)
        modelled.activate("m2")
        modelled.add_vector(THETA.of(MODEL), TOPICS)
        modelled.activate(MODEL)
        assert modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA] == []

    @pytest.mark.parametrize("topics", [0, -1, 70_000])
    def test_a_model_that_no_engine_could_keep_is_refused(self, store: Store, topics: int) -> None:
        """The store is as it was, and opens again."""
        with pytest.raises(PointRefused, match="1 to 65536"):
            store.add_vector(THETA.of("m9"), topics)
        assert store.info().sizes(THETA) == {}

    def test_an_unknown_model_cannot_be_activated(self, store: Store) -> None:
        """Nobody switches to thetas that do not exist."""
        with pytest.raises(ModelMissing, match="m9"):
            store.activate("m9")

    def test_a_model_that_was_given_up_can_be_dropped(self, modelled: Store) -> None:
        """Its thetas go; the one that is searched stays, and cannot be dropped."""
        modelled.upsert([point("a", vectors={THETA.of(MODEL): theta(1.0)})])
        modelled.add_vector(THETA.of("m2"), 3)
        modelled.put_vectors(THETA.of("m2"), [("a", np.array([1, 0, 0], np.float32))])
        modelled.drop_vector(THETA.of("m2"))
        modelled.drop_vector(THETA.of("never there"))
        assert modelled.info().sizes(THETA) == {MODEL: TOPICS}
        with pytest.raises(PointRefused, match="m2"):
            modelled.put_vectors(THETA.of("m2"), [("a", np.array([1, 0, 0], np.float32))])
        with pytest.raises(PointRefused, match="is searched"):
            modelled.drop_vector(THETA.of(MODEL))
        assert ids(modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA]) == ["a"]
