"""Shares: the nearest by few topics are the nearest by all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qdrant.edge.shares import Shares

TOPICS = 7
PARTS = arrays(np.float32, TOPICS, elements=st.sampled_from([0, 0, 0.01, 0.25, 1, 3]))


def shared(parts: np.ndarray) -> np.ndarray:
    """Make it sum to 1."""
    return np.asarray((parts + 1e-3 * (not parts.any())) / (parts + 1e-3 * (not parts.any())).sum(), np.float32)


def shares_of(vectors: np.ndarray, rows: np.ndarray | None = None) -> Shares:
    shares = Shares(vectors.shape[1], 0)
    shares.put(np.arange(len(vectors)) if rows is None else rows, vectors)
    return shares


class TestNearest:
    @given(st.lists(PARTS, min_size=1, max_size=40), PARTS, st.integers(1, 50), st.integers(0, 2**40))
    def test_they_are_those_of_the_whole_comparison(
        self, parts: list[np.ndarray], asked: np.ndarray, limit: int, some: int
    ) -> None:
        """As far as the last of the nearest, and each as far as it is, among the rows that pass."""
        vectors, query = np.array(list(map(shared, parts))), shared(asked)
        passing = np.array([bool(some >> row & 1) for row in range(len(vectors))])
        rows, far = shares_of(vectors).nearest(query, limit, passing)
        whole = np.abs(vectors - query).sum(axis=1)
        assert passing[rows].all()
        assert len(set(rows.tolist())) == len(rows) == min(limit, int(passing.sum()))
        assert far == pytest.approx(whole[rows], abs=1e-6)
        assert far == pytest.approx(np.sort(whole[passing])[:limit], abs=1e-6)

    @pytest.mark.parametrize("part", [1.0, 0.9, 0.1, 0.01])
    @pytest.mark.parametrize("limit", [1, 100, 3000])
    def test_they_are_found_among_thousands(self, part: float, limit: int) -> None:
        """Whoever passes, nearly all or hardly any: near ones come in bundles where a few picked ones tell how near."""
        chance = np.random.default_rng(limit)
        vectors = chance.dirichlet(np.full(20, 0.1), 4000).astype(np.float32)
        query = np.float32(chance.dirichlet(np.full(20, 0.1)))
        vectors[np.arange(0, 4000, 32)] = query  # each that is picked to tell
        passing = chance.random(4000) < part
        rows, far = shares_of(vectors).nearest(query, limit, passing)
        whole = np.abs(vectors - query).sum(axis=1)
        assert passing[rows].all()
        assert len(set(rows.tolist())) == min(limit, int(passing.sum()))
        assert far == pytest.approx(np.sort(whole[passing])[:limit], abs=1e-6)

    def test_many_equals_are_measured_in_parts(self) -> None:
        """Ten thousand posts of the same topics are as far as each other, and the one that is nearer comes first."""
        vectors = np.tile(np.float32([0.5, 0.5, 0]), (10_000, 1))
        vectors[7777] = [0.25, 0.75, 0]
        rows, far = shares_of(vectors).nearest(np.float32([0, 1, 0]), 10_000, np.ones(10_000, bool))
        assert rows[0] == 7777
        assert far.tolist() == [0.5, *[1.0] * 9_999]

    def test_a_row_without_a_vector_is_at_no_distance(self) -> None:
        """Rows in between that were never set, and rows that were added since, are not found."""
        shares = shares_of(np.float32([[1, 0], [0, 1]]), np.array([1, 3]))
        shares.reach(6)
        rows, _ = shares.nearest(np.float32([0.5, 0.5]), 6, np.ones(6, bool))
        assert sorted(rows.tolist()) == [1, 3]


class TestGrowing:
    def test_rows_stay_as_they_are(self) -> None:
        """Whatever the order in which they come, and however many."""
        chance = np.random.default_rng(0)
        vectors = chance.dirichlet(np.full(4, 0.3), 3000).astype(np.float32)
        shares = Shares(4, 10)
        for rows in np.array_split(chance.permutation(3000), 60):
            shares.put(rows, vectors[rows])
        rows, far = shares.nearest(vectors[2999], 1, np.ones(3000, bool))
        assert (rows.tolist(), far.tolist()) == ([2999], [0.0])

    def test_those_that_are_kept_stand_in_their_order(self) -> None:
        """The others are gone, and what is kept grows on."""
        kept = shares_of(np.float32([[1, 0], [0, 1], [0.5, 0.5]])).kept(np.array([2, 0]))
        kept.put(np.array([2]), np.float32([[0.25, 0.75]]))
        rows, far = kept.nearest(np.float32([0.5, 0.5]), 3, np.ones(3, bool))
        assert (rows.tolist(), far.tolist()) == ([0, 2, 1], [0.0, 0.5, 1.0])
