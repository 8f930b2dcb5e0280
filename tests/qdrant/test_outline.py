"""Outlines: rows of points, and of some of them in any order."""

import json
from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qdrant.outline import Outlines
from qdrant.points import StoredPoint
from qdrant.vector_kind import THETA

WORDS = st.dictionaries(st.sampled_from(["sea", "snow", "kite"]), st.integers(1, 3), max_size=3)


def stored(post: str, words: Mapping[str, int], *theta: float) -> StoredPoint:
    vectors = {THETA.of("m1").name: np.array(theta, np.float32)} if theta else {}
    return StoredPoint({"id": post, "document": {"text": json.dumps(words)}}, vectors, "m1")


def test_shares_are_of_all_that_a_point_says() -> None:
    """A point that says nothing has no shares."""
    words = Outlines.of([stored("a", {"sea": 1, "snow": 3}), stored("b", {})], "m1").words
    assert words.shares(["snow", "ship"])[0].tolist() == [0.75, 0]
    assert np.isnan(words.shares(["snow"])[1]).all()


@given(st.lists(WORDS, max_size=6), st.data())
def test_some_of_them_are_what_they_were(words: list[dict[str, int]], data: st.DataObject) -> None:
    """Taken in any order, also twice, each keeps its id, its vector and its words."""
    points = [stored(f"p{row}", counts, *([row, 1] if row % 2 else [])) for row, counts in enumerate(words)]
    table = Outlines.of(points, "m1")
    every = list(table)
    some = data.draw(st.lists(st.sampled_from(every), max_size=8)) if every else []
    taken = table.take(np.array([outline.row for outline in some], np.intp))
    assert list(taken.ids) == [outline.id for outline in some]
    for outline, same in zip(taken, some, strict=True):
        judge = points[same.row]
        assert outline.of.words.of_words(["sea", "snow"])[outline.row].tolist() == [
            judge.words.get(word, 0) for word in ("sea", "snow")
        ]
        assert (outline.theta is None) == (judge.theta is None)
        assert judge.theta is None or (outline.theta is not None and outline.theta.tolist() == judge.theta.tolist())
