"""Whether one run is better than another: the same questions in pairs, signs flipped by groups."""

from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Float64, Int64
from common.stats import SURE, central
from photosense.evaluation.intervals import Bootstrap, Estimate

FLIPS: Final = 10_000
_AT_ONCE: Final = 100


class Conclusion(StrEnum):
    """What a comparison shows."""

    BETTER = "better"
    WORSE = "worse"
    NONE = "no difference shown"


class Difference(NamedTuple):
    """How much a figure grew, with its interval, the chance of such a difference between equals, and the verdict."""

    grew: Estimate
    p: float
    verdict: Conclusion


def differences(before: Float64, after: Float64, groups: Int64, seed: int = 0) -> list[Difference]:
    """Compare figures (rows) of the same questions (columns).

    Were both runs equally good, each group's difference could as well have the other sign. The figures are tested
    together, against the largest of all that such flips give: among any number of figures of two equal runs, a wrong
    verdict on even one is rarer than one in twenty.
    """
    grew = after - before
    by_group = np.array([np.bincount(groups, weights=row) for row in grew])
    spread = np.sqrt((by_group**2).sum(axis=1))
    scaled = by_group / np.where(spread > 0, spread, 1)[:, None]
    observed = np.abs(scaled.sum(axis=1))
    largest = _largest(scaled, np.random.default_rng(seed))
    # Sums of the same terms in another order differ in the last digits.
    p = [float((1 + (largest >= each - 1e-9).sum()) / (1 + len(largest))) for each in observed]
    drawn = Bootstrap(groups, seed)
    estimates = [Estimate(float(row.mean()), *central(drawn.means(row))) for row in grew]
    return [
        Difference(estimate, each, _verdict(estimate.value, each)) for estimate, each in zip(estimates, p, strict=True)
    ]


def _largest(scaled: Float64, rng: np.random.Generator) -> Float64:
    largest_of_rounds = []
    for _ in range(0, FLIPS, _AT_ONCE):
        signs = rng.integers(0, 2, (_AT_ONCE, scaled.shape[1]), dtype=np.int8) * 2.0 - 1.0
        largest_of_rounds.append(np.abs(signs @ scaled.T).max(axis=1))
    return np.concatenate(largest_of_rounds)


def _verdict(grew: float, p: float) -> Conclusion:
    if p >= 1 - SURE or grew == 0:
        return Conclusion.NONE
    return Conclusion.BETTER if grew > 0 else Conclusion.WORSE
