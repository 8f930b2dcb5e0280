"""Figures of one question: pure functions of where its posts were found, or of which proposed words were right."""

from collections.abc import Iterable, Sequence
from math import inf, log2


def recall_within(ranks: Iterable[int], k: int) -> float:
    """R@k of one question: 1 when a relevant post is among the first k, else 0."""
    return float(any(rank <= k for rank in ranks))


def first_rank(ranks: Iterable[int]) -> float:
    """The rank of the first relevant post, from 1; infinite when none was found."""
    return min(ranks, default=inf)


def reciprocal_rank(ranks: Iterable[int]) -> float:
    """One through the rank of the first relevant post; 0 when none was found."""
    return 1 / first_rank(ranks)


def ndcg(ranks: Iterable[int], relevant: int, k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first k: 1 when all that is relevant comes first."""
    gain = sum(1 / log2(1 + rank) for rank in ranks if rank <= k)
    return gain / sum(1 / log2(1 + rank) for rank in range(1, min(relevant, k) + 1))


def precision(right: Sequence[bool], k: int) -> float:
    """Share of k proposals that are right; one that was not made is not."""
    return sum(right[:k]) / k


def recall(right: Sequence[bool], k: int, truth: int) -> float:
    """Share of `truth` words that are among the first k proposals."""
    return sum(right[:k]) / truth
