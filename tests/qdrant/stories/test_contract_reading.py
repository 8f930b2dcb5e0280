"""One contract, every store: what is read, held back and deleted."""

import pytest

from qdrant.errors import PointRefused
from qdrant.filters import any_of
from qdrant.store import Search, Standing, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, OPEN, ids, point, theta


class TestReading:
    def test_an_absent_post_is_none(self, store: Store) -> None:
        """Asking for several keeps their order and leaves gaps as None."""
        store.upsert([point("a"), point("b")])
        posts = store.get(["b", "nope", "a"])
        assert [post and post.id for post in posts] == ["b", None, "a"]

    def test_a_held_post_keeps_all_but_its_openness(self, modelled: Store) -> None:
        """Holding changes facts and visibility, keeps content and theta, and takes the words out of the index."""
        for post in ("a", "b"):
            modelled.upsert([point(post, words={"sea": 1.0}, vectors={THETA.of(MODEL): theta(1.0)}, version=3)])
        assert (
            modelled.set_facts(
                {"a": Standing("held", "child", {"source": "host"}), "nope": Standing("held", "child", {})}
            )
            == 1
        )
        (one,) = modelled.get(["a"])
        assert one is not None
        assert (one.version, one.facts, one.payload["child"]) == (3, {"source": "host"}, "child")
        assert modelled.count(any_of("vis", ["held"])) == 1
        assert ids(modelled.candidates(Search(5, words={"sea": 1.0})).words) == ["b"]
        assert ids(modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA]) == ["a", "b"]
        assert ids(modelled.candidates(Search(5, near={THETA: Target(theta(1.0))}, filter=OPEN)).hits[THETA]) == ["b"]

    def test_an_id_that_cannot_be_is_nobodys(self, store: Store) -> None:
        """Half a sign of text is no error where one only asks."""
        assert store.get(["\ud800"]) == [None]
        assert store.delete(["\ud800"]) == [False]
        assert store.candidates(Search(5, words={"\ud800": 1.0})).words == []

    def test_facts_that_cannot_be_stored_are_refused(self, store: Store) -> None:
        """The post stays as it was."""
        store.upsert([point("a")])
        for bad in (Standing("held", "child", {"who": "\ud800"}), Standing("open", "clear", {}, {"sea": -1.0})):
            with pytest.raises(PointRefused):
                store.set_facts({"a": bad})
        assert store.count(OPEN) == 1

    def test_delete_tells_what_was_there(self, store: Store) -> None:
        """A deleted post is gone from reading, searching and counting; an absent one is no error."""
        store.upsert([point("a", words={"sea": 1.0}), point("b", words={"sea": 1.0})])
        assert store.delete(["a", "nope"]) == [True, False]
        assert store.get(["a"]) == [None]
        assert ids(store.candidates(Search(5, words={"sea": 1.0})).words) == ["b"]
        assert store.delete(["a"]) == [False]

    def test_scrolling_may_be_narrowed(self, store: Store) -> None:
        """A filter decides what a walk through the store meets."""
        store.upsert([point("a", content=["x"]), point("b", content=["y"]), point("c", content=["z", "x"])])
        assert sorted(one.id for one in store.scroll(any_of("content", ["x"]))) == ["a", "c"]

    def test_a_filter_without_matches_counts_zero(self, store: Store) -> None:
        """Empty is an answer, not an error."""
        store.upsert([point("a")])
        assert store.count(any_of("vis", ["elsewhere"])) == 0
        assert store.count(any_of("vis", [])) == 0

    def test_a_post_that_is_opened_again_is_found_by_its_words(self, store: Store) -> None:
        """Facts may change for the better too: its words come back with it, and other posts are left alone."""
        store.upsert(
            [
                point("a", vis="held", child="review", words={}, document={"text": {"sea": 1}}),
                point("b", words={"sea": 1.0}),
            ]
        )
        opened = Standing("open", "clear", {"source": "reviewer"}, {"sea": 2.0})
        assert store.set_facts({"a": opened}) == 1
        (one,) = store.get(["a"])
        assert one is not None
        assert (one.payload["vis"], one.facts) == ("open", {"source": "reviewer"})
        assert store.count(OPEN) == 2
        assert ids(store.candidates(Search(5, words={"sea": 1.0}, filter=OPEN)).words) == ["a", "b"]

    def test_deleting_by_a_filter_takes_all_that_pass(self, store: Store) -> None:
        """It tells how many; whatever does not pass stays."""
        store.upsert([point("a", content=["x"]), point("b", content=["y"]), point("c", content=["z", "x"])])
        assert store.delete_where(any_of("content", ["x"])) == 2
        assert [one and one.id for one in store.get(["a", "b", "c"])] == [None, "b", None]
        assert store.delete_where(any_of("content", ["x"])) == 0

    def test_a_post_knows_when_it_came_and_when_it_changed(self, store: Store) -> None:
        """Replacing a post keeps the first time and moves the second; sending it again moves neither."""
        store.upsert([point("a", version=1)])
        (first,) = store.get(["a"])
        store.upsert([point("a", version=2)])
        (second,) = store.get(["a"])
        store.upsert([point("a", version=2)])
        (third,) = store.get(["a"])
        assert first.added == first.changed == second.added == third.added
        assert second.changed > first.changed
        assert third.changed == second.changed
