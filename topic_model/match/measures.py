"""How good a score is, measured against what people judged: order (tau-c), telling apart (ROC, PR), calibration."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float64, Index
from common.stats import central

Indices = Index

BINS: Final = 10
RESAMPLES: Final = 1000


class Bin(NamedTuple):
    """Pairs whose scores lie in one tenth: how many, their mean score, and the share of them that fits."""

    pairs: int
    score: float
    share: float


class Interval(NamedTuple):
    """A figure and where 95 % of its resamples lie."""

    value: float
    low: float
    high: float


def tau_c(judged: Float64, scores: Float64) -> float:
    """Kendall's tau-c between judgements of few levels and scores: from -1 (reversed) to 1, 0 is chance.

    As in the papers on captions, each rating of a pair is a row of its own: repeat the pair's score beside each.
    """
    levels, at = np.unique(judged, return_inverse=True)
    least = min(len(levels), len(np.unique(scores)))
    if least < 2:
        return 0.0
    groups = [np.sort(scores[at == level]) for level in range(len(levels))]
    surplus = sum(_surplus(low, high) for index, high in enumerate(groups) for low in groups[:index])
    return float(2 * surplus * least / (len(scores) ** 2 * (least - 1)))


def roc(scores: Float64, fits: Bool) -> tuple[Float64, Float64]:
    """The curve: share of misfits let through, share of fitting pairs found, from the strictest threshold on."""
    right, wrong = _passed(scores, fits)
    return np.append(0.0, wrong / max((~fits).sum(), 1)), np.append(0.0, right / max(fits.sum(), 1))


def precision_recall(scores: Float64, fits: Bool) -> tuple[Float64, Float64]:
    """Precision and recall at each threshold, from the strictest on."""
    right, wrong = _passed(scores, fits)
    return right / (right + wrong), right / max(fits.sum(), 1)


def average_precision(scores: Float64, fits: Bool) -> float:
    """The area under precision over recall, by steps."""
    precision, recall = precision_recall(scores, fits)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def reliability(scores: Float64, fits: Bool, bins: int = BINS) -> list[Bin]:
    """Of the pairs with about one score, how large a share fits; empty tenths are left out."""
    bin_of = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        Bin(int(here.sum()), float(scores[here].mean()), float(fits[here].mean()))
        for bin_ in range(bins)
        if (here := bin_of == bin_).any()
    ]


def calibration_error(scores: Float64, fits: Bool, bins: int = BINS) -> float:
    """Expected calibration error: how far score and share lie apart, in the mean over pairs."""
    return sum(one.pairs * abs(one.score - one.share) for one in reliability(scores, fits, bins)) / len(scores)


def bootstrap(measure: Callable[[Indices], float], groups: Indices, resamples: int = RESAMPLES) -> Interval:
    """Measure with a 95 % interval: whole groups (all pairs of a photo) are drawn with replacement, always the same."""
    _, at = np.unique(groups, return_inverse=True)
    order = np.argsort(at, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(at))[:-1])
    rng = np.random.default_rng(0)
    drawn = (
        measure(np.concatenate([members[group] for group in rng.integers(len(members), size=len(members))]))
        for _ in range(resamples)
    )
    values = np.array([value for value in drawn if not np.isnan(value)])
    low, high = central(values) if len(values) else (np.nan, np.nan)
    return Interval(measure(np.arange(len(groups))), float(low), float(high))


def _surplus(low: Float64, high: Float64) -> float:
    """Over all pairs of the two (sorted low): how many of high lie above, less those below."""
    above = np.searchsorted(low, high, "left").sum()
    below = len(low) * len(high) - np.searchsorted(low, high, "right").sum()
    return float(above - below)


def _passed(scores: Float64, fits: Bool) -> tuple[Float64, Float64]:
    """Fitting and other pairs at or above each different score, highest first."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    right = np.cumsum(fits[order])[ends].astype(np.float64)
    return right, ends + 1 - right
