"""Small statistics that several rooms need: telling apart, intervals, one scale, chances and odds."""

import math
from typing import Final

import numpy as np

from common.arrays import Bool, Float64

SURE: Final = 0.95
TWO_SIDED: Final = 1.96  # deviations that 95 of 100 lie within
ONE_SIDED: Final = 1.645  # and that 95 of 100 lie below
_STEEPEST: Final = 40.0  # log-odds beyond which a chance is 0 or 1


def auc(scores: Float64, positive: Bool) -> float:
    """How often, of one that is and one that is not, the first has the higher score; a tie is a half.

    No number where all are of one kind.
    """
    if positive.all() or not positive.any():
        return math.nan
    others = np.sort(scores[~positive])
    below = np.searchsorted(others, scores[positive], "left") + np.searchsorted(others, scores[positive], "right")
    return float(below.mean() / 2 / len(others))


def wilson(hits: int, of: int, deviations: float = TWO_SIDED) -> tuple[float, float]:
    """The interval of a share of which a few are known, by Wilson; all is possible of none."""
    if of == 0:
        return 0.0, 1.0
    share, spread = hits / of, deviations**2 / of
    middle, half = share + spread / 2, math.sqrt(spread * (share * (1 - share) + spread / 4))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def central(samples: Float64, method: str = "linear") -> tuple[float, float]:
    """Between which two values 95 of 100 samples lie."""
    low, high = np.quantile(samples, [(1 - SURE) / 2, (1 + SURE) / 2], method=method)  # type: ignore[call-overload]
    return float(low), float(high)


def standard_scores(values: Float64) -> Float64:
    """Bring each row to one scale, zero mean and unit spread; where all are equal they are 0."""
    spread = values.std(axis=-1, keepdims=True)
    return np.asarray((values - values.mean(axis=-1, keepdims=True)) / np.where(spread > 0, spread, 1.0))


def logistic(log_odds: Float64) -> Float64:
    """Log-odds as chances; what is no number stays none."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -_STEEPEST, _STEEPEST))), np.float64)
