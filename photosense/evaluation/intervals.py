"""How sure a figure is: bootstrap over groups, because questions about one photo succeed and fail together."""

from math import inf
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Float64, Int64
from common.stats import SURE, central

SAMPLES: Final = 2000
_FEWEST: Final = 400
_COUNTS: Final = 20_000_000  # that are in memory: many groups need fewer samples
_AT_ONCE: Final = 100
_DRAWN_AT_ONCE: Final = 20_000


class Estimate(NamedTuple):
    """A figure, and the interval that holds its true value in 95 of 100 such runs."""

    value: float
    low: float
    high: float


class Bootstrap:
    """Draws groups anew, with replacement; `groups` numbers the group of each question, from 0 without gaps."""

    def __init__(self, groups: Int64, seed: int = 0, samples: int = SAMPLES) -> None:
        self._groups = groups
        self._sizes = np.bincount(groups).astype(np.float64)
        rng = np.random.default_rng(seed)
        count = len(self._sizes)
        samples = min(samples, max(_FEWEST, _COUNTS // count))
        at_once = max(1, _DRAWN_AT_ONCE // count)
        parts = [_times(rng, min(at_once, samples - first), count) for first in range(0, samples, at_once)]
        self._times = np.concatenate(parts, dtype=np.float64)

    def mean(self, values: Float64) -> Estimate:
        """The mean over questions. Where all are 0 or all are 1 drawing anew shows nothing: the exact bound does."""
        value = float(values.mean())
        if value in (0.0, 1.0) and bool((values == value).all()):
            bound = ((1 - SURE) / 2) ** (1 / len(self._sizes))
            return Estimate(value, bound, 1.0) if value else Estimate(value, 0.0, 1 - bound)
        if len(self._sizes) == 1:  # drawn anew it is itself, and tells nothing of others
            return Estimate(value, 0.0, 1.0)
        return Estimate(value, *central(self.means(values)))

    def means(self, values: Float64) -> Float64:
        """The mean of each sample."""
        sums = np.bincount(self._groups, weights=values)
        return np.asarray((self._times @ sums) / (self._times @ self._sizes))

    def median(self, ranks: Float64) -> Estimate:
        """The rank that half of the questions reach; infinite when fewer than half find anything."""
        order = np.argsort(ranks, kind="stable")
        ranked, groups = ranks[order], self._groups[order]
        parts = range(0, len(self._times), _AT_ONCE)
        medians = [_reached(ranked, self._times[part : part + _AT_ONCE, :][:, groups]) for part in parts]
        value = float(_reached(ranked, np.ones((1, len(ranks))))[0])
        if len(self._sizes) == 1:
            return Estimate(value, 1.0, inf)
        return Estimate(value, *central(np.concatenate(medians), method="inverted_cdf"))


def numbered(groups: list[str]) -> Int64:
    """Number groups from 0 without gaps."""
    return np.unique(np.array(groups), return_inverse=True)[1].reshape(-1)


def _times(rng: np.random.Generator, samples: int, count: int) -> Int64:
    """How often each of so many groups is drawn, samples x groups."""
    draws = rng.integers(0, count, (samples, count)) + np.arange(samples)[:, None] * count
    return np.bincount(draws.ravel(), minlength=samples * count).reshape(samples, count)


def _reached(ranked: Float64, times: Float64) -> Float64:
    """The first rank at which half of the weight is reached, for each row of weights."""
    weight = times.cumsum(axis=1)
    return np.asarray(ranked[(weight >= weight[:, -1:] / 2).argmax(axis=1)])
