"""Points that were found lately: never older than what is stored."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qdrant.edge.recent import RecentPoints
from qdrant.open_store import open_folder
from qdrant.points import PhotoPoint, StoredPoint
from qdrant.store import Search, Store
from qdrant.vector_kind import THETA


def stored(post: str) -> StoredPoint:
    return StoredPoint({"id": post})


class TestRemembering:
    def test_a_point_is_fetched_once_for_each_version(self) -> None:
        """The same version is not read again; another is."""
        recent, reads = RecentPoints(), []

        def fetch(keys: list[str]) -> dict[str, StoredPoint]:
            reads.extend(keys)
            return {key: stored(key) for key in keys}

        for version in (1, 1, 2, 2):
            assert recent.find([("a", version)], fetch)["a"].id == "a"
        assert reads == ["a", "a"]

    def test_what_was_deleted_is_left_out(self) -> None:
        """A hit whose point is gone by the time it is read is no hit."""
        assert RecentPoints().find([("a", 1)], lambda _: {}) == {}

    def test_only_so_many_are_remembered(self) -> None:
        """The oldest make room for the newest."""
        recent, reads = RecentPoints(limit=2), []

        def fetch(keys: list[str]) -> dict[str, StoredPoint]:
            reads.extend(keys)
            return {key: stored(key) for key in keys}

        for key in ("a", "b", "c", "c", "b", "a"):
            recent.find([(key, 1)], fetch)
        assert reads == ["a", "b", "c", "a"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_folder(tmp_path / "store")
    opened.add_vector(THETA.of("m1"), 2)
    opened.activate("m1")
    opened.upsert([point("a", "first", [1.0, 0.0])])
    assert hits_of(opened) == [("first", [1.0, 0.0])]
    yield opened
    opened.close()


def point(post: str, caption: str, theta: list[float]) -> PhotoPoint:
    return PhotoPoint(
        id=post,
        vis="open",
        child="clear",
        post={"captions": [{"text": caption}]},
        document={"text": {"sea": 1}},
        words={"sea": 1.0},
        vectors={THETA.of("m1"): np.array(theta, np.float32)},
    )


def hits_of(store: Store, limit: int = 5) -> list[tuple[str, list[float] | None]]:
    hits = store.candidates(Search(limit, words={"sea": 1.0})).words
    return [
        (hit.point.post["captions"][0]["text"], None if hit.point.theta is None else hit.point.theta.tolist())
        for hit in hits
    ]


class TestInTheStore:
    def test_a_newer_post_is_found_new(self, store: Store) -> None:
        """What replaced a post that was found before is what is found from then on."""
        store.upsert([point("a", "second", [0.0, 1.0])])
        assert hits_of(store) == [("second", [0.0, 1.0])]

    def test_a_new_theta_is_found_new(self, store: Store) -> None:
        """Filling in a theta changes what the hit carries."""
        store.put_vectors(THETA.of("m1"), [("a", np.array([0.5, 0.5], np.float32))])
        assert hits_of(store) == [("first", [0.5, 0.5])]

    def test_another_model_changes_every_hit(self, store: Store) -> None:
        """After a switch no hit carries a theta of the model before."""
        store.add_vector(THETA.of("m2"), 2)
        store.activate("m2")
        assert hits_of(store) == [("first", None)]

    def test_a_deleted_post_is_not_found(self, store: Store) -> None:
        """Being remembered does not keep a post."""
        store.delete(["a"])
        assert hits_of(store) == []

    def test_a_compaction_does_not_bring_back_what_was_replaced(self, store: Store) -> None:
        """It numbers versions anew: a remembered one must not be taken for one of these."""
        posts = [f"p{number}" for number in range(40)]
        for post in posts:  # each at a version of its own, so that one of them is that of the compacted copy
            store.upsert([point(post, "old", [1.0, 0.0])])
        assert [caption for caption, _ in hits_of(store, 50)].count("old") == 40
        fields = {f"field {number}": "any" for number in range(20)}  # whose indexes the copy counts as versions first
        store.upsert([replace(point(post, "new", [1.0, 0.0]), attrs=fields) for post in posts])
        store.optimize()
        assert [caption for caption, _ in hits_of(store, 50)].count("new") == 40
