"""Columns: the outlines of points are never older than what is stored, and are those of the points themselves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdrant.edge.columns import Columns, Outlined
from qdrant.engine.protocol import ArmKeys
from qdrant.open_store import open_folder
from qdrant.outline import Outline, Outlines
from qdrant.points import PhotoPoint, StoredPoint, point_id
from qdrant.store import Search, Store
from qdrant.vector_kind import THETA

SIZES = {THETA.of("m1").name: 2}
WORDS = st.dictionaries(st.sampled_from(["sea", "snow", "#sun", "kite", "dog"]), st.integers(1, 3), max_size=4)
THETAS = st.none() | st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32))


def stored(
    post: str, words: Mapping[str, float] | None = None, theta: tuple[float, float] | None = None
) -> StoredPoint:
    document = {"text": json.dumps(words or {})}
    vectors = {} if theta is None else {THETA.of("m1").name: np.array(theta, np.float32)}
    return StoredPoint({"id": post, "document": document}, vectors, "m1")


class Source:
    """Reads points, and remembers which."""

    def __init__(self, **points: StoredPoint) -> None:
        self.points, self.reads = points, list[str]()

    def __call__(self, versions: Mapping[bytes, int]) -> Outlined:
        there = {key: point for post, point in self.points.items() if (key := point_id(post).bytes) in versions}
        self.reads += [point.id for point in there.values()]
        return list(there), Outlines.of(list(there.values()), "m1")


def ranking(**versions: int) -> ArmKeys:
    return ArmKeys.of([point_id(post) for post in versions], [0.0] * len(versions), list(versions.values()))


def find(columns: Columns, read: Source, **versions: int) -> list[Outline | None]:
    """The outlines of posts in these versions; None of what is gone."""
    table, (rows,) = columns.find([ranking(**versions)], read)
    return [None if row < 0 else Outline(table, row) for row in rows.tolist()]


def holds(outline: Outline, *words: str) -> bool:
    return bool(outline.of.words.holding(words)[outline.row])


class TestRemembering:
    def test_a_point_is_read_once_for_each_version(self) -> None:
        """The same version is not read again; another is."""
        columns, read = Columns(SIZES, "m1"), Source(a=stored("a"))
        for version in (1, 1, 2, 2):
            (outline,) = find(columns, read, a=version)
            assert outline is not None
            assert outline.id == "a"
        assert read.reads == ["a", "a"]

    def test_what_was_deleted_is_left_out(self) -> None:
        """A hit whose point is gone by the time it is read is no hit, although it was known once."""
        columns = Columns(SIZES, "m1")
        assert find(columns, Source(), a=1) == [None]
        assert [one and one.id for one in find(columns, Source(a=stored("a")), a=1)] == ["a"]
        assert find(columns, Source(), a=2) == [None]

    def test_what_several_arms_found_stands_in_one_table_once(self) -> None:
        """Each ranking is rows of it, in its own order; what is gone by now has none."""
        columns, read = Columns(SIZES, "m1"), Source(a=stored("a"), b=stored("b"), c=stored("c"))
        table, (one, none, other) = columns.find([ranking(c=1, gone=4, a=1), ranking(), ranking(b=1, c=1)], read)
        assert sorted(table.ids) == ["a", "b", "c"]
        assert [table.ids[row] if row >= 0 else None for row in one.tolist()] == ["c", None, "a"]
        assert len(none) == 0
        assert [table.ids[row] for row in other.tolist()] == ["b", "c"]
        assert read.reads == ["a", "b", "c"]

    @given(st.lists(st.lists(st.tuples(st.sampled_from("abcdefgh"), WORDS, THETAS), min_size=1), max_size=12))
    def test_outlines_are_those_of_the_points_whatever_was_written(
        self, writes: list[list[tuple[str, dict[str, int], tuple[float, float] | None]]]
    ) -> None:
        """Ids, thetas, and how often each word is said, as if every point were unpacked anew."""
        columns, points, versions = Columns(SIZES, "m1"), dict[str, StoredPoint](), dict[str, int]()
        for version, written in enumerate(writes, 1):
            points |= {post: stored(post, words, theta) for post, words, theta in written}
            versions |= {post: version for post, _, _ in written}
            for post, outline in zip(versions, find(columns, Source(**points), **versions), strict=True):
                assert outline is not None
                assert outline.id == post
                judge = points[post]
                assert (outline.theta is None) == (judge.theta is None)
                assert judge.theta is None or outline.theta.tolist() == judge.theta.tolist()
                counts = outline.of.words.of_words(["sea", "snow", "#sun", "ship"])[outline.row]
                assert counts.tolist() == [judge.words.get(word, 0) for word in ("sea", "snow", "#sun", "ship")]
                assert holds(outline, "dog", "ship") == judge.says(("dog", "ship"))

    def test_words_that_were_replaced_make_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A post that is edited for ever takes no more and more memory."""
        monkeypatch.setattr("qdrant.edge.columns._WORTH", 50)
        columns = Columns(SIZES, "m1")
        for version in range(300):
            find(columns, Source(a=stored("a", {"sea": 1, f"word{version}": 2})), a=version)
        assert columns.words_held < 200
        (outline,) = find(columns, Source(), a=299)
        assert outline is not None
        assert [holds(outline, word) for word in ("word299", "word298")] == [True, False]


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
        document={"text": {"sea": 1, caption: 1}},
        words={"sea": 1.0},
        vectors={THETA.of("m1"): np.array(theta, np.float32)},
    )


def hits_of(store: Store, limit: int = 5) -> list[tuple[str, list[float] | None]]:
    """What each hit says first, by its words, and its theta."""
    hits = store.candidates(Search(limit, words={"sea": 1.0})).words
    captions = ("first", "second", "old", "new")
    return [
        (
            next(word for word in captions if holds(hit.point, word)),
            None if hit.point.theta is None else hit.point.theta.tolist(),
        )
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
