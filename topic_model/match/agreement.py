"""How far people agree who judged the same pairs; what a score can reach at best is read from it."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from common.arrays import Float64


def krippendorff_alpha(ratings: Sequence[Sequence[float]]) -> float:
    """Krippendorff's alpha for ratings whose distances count (interval): 1 is full agreement, 0 chance.

    A row holds what was said of one pair, by however many; rows with a single rating say nothing of agreement.
    """
    rows = [np.asarray(row, np.float64) for row in ratings if len(row) > 1]
    if not rows:
        return float("nan")
    every = np.concatenate(rows)
    # The mean squared distance of two ratings is twice their variance, so no pair need be formed.
    apart = sum(_squares(row) * len(row) / (len(row) - 1) for row in rows) / len(every)
    by_chance = _squares(every) / (len(every) - 1)
    return float(1 - apart / by_chance) if by_chance > 0 else 1.0


def weighted_kappa(ratings: Sequence[Sequence[float]]) -> float:
    """Cohen's kappa with squared distances as weights, the mean over every two experts; 1 is full agreement.

    Every row holds the ratings of the same experts, in the same order.
    """
    table = np.asarray(ratings, np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        return float("nan")
    return float(np.mean([_kappa(one, other) for one, other in combinations(table.T, 2)]))


def majority(votes: Sequence[float]) -> float | None:
    """What more than half of the votes say; None when there is no such."""
    values, counts = np.unique(np.asarray(votes), return_counts=True)
    most = counts.argmax() if len(counts) else 0
    return float(values[most]) if len(counts) and counts[most] * 2 > len(votes) else None


def _kappa(one: Float64, other: Float64) -> float:
    apart = np.mean((one - other) ** 2)
    by_chance = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(1 - apart / by_chance) if by_chance > 0 else 1.0


def _squares(row: Float64) -> float:
    return float(((row - row.mean()) ** 2).sum())
