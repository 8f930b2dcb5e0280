"""Figures of one question, against cases computed by hand and properties that hold for any."""

from math import inf, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosense.evaluation import metrics

RANKS = st.lists(st.integers(1, 2000), unique=True, max_size=30).map(sorted)


@pytest.mark.parametrize(
    ("ranks", "within", "reciprocal"),
    [([1], [1, 1, 1], 1.0), ([3, 4], [0, 1, 1], 1 / 3), ([10], [0, 0, 1], 0.1), ([11], [0, 0, 0], 1 / 11)],
    ids=["first", "third", "tenth", "eleventh"],
)
def test_what_is_found_counts_from_its_rank_on(ranks: list[int], within: list[int], reciprocal: float) -> None:
    """R@1, R@5 and R@10 see the first relevant post; the reciprocal rank is one through its place."""
    assert [metrics.recall_within(ranks, k) for k in (1, 5, 10)] == within
    assert metrics.reciprocal_rank(ranks) == reciprocal
    assert metrics.first_rank(ranks) == ranks[0]


def test_nothing_found_counts_nothing() -> None:
    """A question that finds nothing has no rank and no gain."""
    assert metrics.first_rank([]) == inf
    assert (metrics.recall_within([], 10), metrics.reciprocal_rank([]), metrics.ndcg([], 3)) == (0, 0, 0)


def test_gain_by_hand() -> None:
    """Two of three relevant posts at 1 and 3: (1 + 1/2) of the best (1 + 1/log2(3) + 1/2)."""
    assert metrics.ndcg([1, 3], 3) == pytest.approx(1.5 / (1.5 + 1 / log2(3)))
    assert metrics.ndcg([2], 1) == pytest.approx(1 / log2(3))
    assert metrics.ndcg([1, 11], 2) == pytest.approx(1 / (1 + 1 / log2(3)))  # beyond ten nothing counts
    assert metrics.ndcg(range(1, 11), 50) == 1  # more than ten cannot be among ten


def test_words_by_hand() -> None:
    """Precision divides by what was asked for, recall by what there is to find."""
    right = [True, False, True, True]
    assert metrics.precision(right, 5) == 0.6  # four proposals where five were asked for
    assert metrics.precision(right, 2) == 0.5
    assert metrics.recall(right, 10, 6) == 0.5


@given(RANKS, st.integers(0, 20))
def test_shares_stay_shares_and_grow_with_k(ranks: list[int], more: int) -> None:
    """Every figure is within 0 and 1; a longer list never finds less."""
    relevant = max(len(ranks) + more, 1)
    within = [metrics.recall_within(ranks, k) for k in (1, 5, 10, 100)]
    assert within == sorted(within)
    assert 0 <= metrics.ndcg(ranks, relevant) <= 1 + 1e-12
    assert 0 <= metrics.reciprocal_rank(ranks) <= 1
    assert (metrics.ndcg(ranks, relevant) > 0) == bool(metrics.recall_within(ranks, 10))


@given(RANKS.filter(bool), st.data())
def test_better_places_are_never_worse(ranks: list[int], data: st.DataObject) -> None:
    """A post that moves up lowers no figure."""
    index = data.draw(st.integers(0, len(ranks) - 1))
    lowest = ranks[index - 1] + 1 if index else 1
    better = [*ranks[:index], data.draw(st.integers(lowest, ranks[index])), *ranks[index + 1 :]]
    for figure in (
        metrics.reciprocal_rank,
        lambda its: metrics.ndcg(its, len(its)),
        lambda its: metrics.recall_within(its, 5),
    ):
        assert figure(better) >= figure(ranks) - 1e-12


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 12), st.integers(0, 5))
def test_precision_and_recall_count_the_same_words(right: list[bool], k: int, more: int) -> None:
    """Both come from one count of right words among the first k."""
    truth = sum(right) + more or 1
    assert metrics.precision(right, k) * k == pytest.approx(metrics.recall(right, k, truth) * truth)
    assert 0 <= metrics.recall(right, k, truth) <= 1
