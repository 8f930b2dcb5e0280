"""How well two thetas fit: the topic mass that they have in common, in total and topic by topic, and in a word."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import numpy as np

from common.arrays import Float32

WEAK: Final = 0.1
GOOD: Final = 0.5  # of a probability: it rather fits than not


class Fit(StrEnum):
    """A match in a word, the best first."""

    GOOD = "good"
    WEAK = "weak"
    NONE = "none"


def fit_of(match: float | None) -> Fit:
    """Say a match in a word."""
    if match is None or match < WEAK:
        return Fit.NONE
    return Fit.GOOD if match >= GOOD else Fit.WEAK


def best_fit(fits: Iterable[Fit]) -> Fit:
    """The best of several; none where there are none."""
    return min(fits, key=list(Fit).index, default=Fit.NONE)


def match(one: Float32, other: Float32) -> float:
    """Share of topic mass in common: 1 - L1 / 2, from 0 (nothing) to 1 (the same mixture)."""
    return matches(one, other[None])[0]


def distance_at(mass: float) -> float:
    """The L1 distance of two thetas that have so much topic mass in common."""
    return 2 * (1 - mass)


def matches(one: Float32, others: Float32) -> list[float]:
    """Match one theta with many, a row each; NaN for a row of them."""
    shared: list[float] = np.minimum(others, one).sum(axis=1).clip(0.0, 1.0).tolist()
    return shared


def shared_topics(one: Float32, other: Float32, limit: int = 3, least: float = 0.02) -> list[tuple[int, float]]:
    """Name the topics that make up the match, largest share first."""
    return topics_in_common(one, other[None], limit, least)[0]


def topics_in_common(
    one: Float32, others: Float32, limit: int = 3, least: float = 0.02
) -> list[list[tuple[int, float]]]:
    """The same of one theta and each of many."""
    shared = np.minimum(others, one)
    best = np.argsort(-shared, axis=1, kind="stable")[:, :limit]
    shares = np.take_along_axis(shared, best, axis=1)
    enough = (shares >= least).sum(axis=1)  # the first so many, as the largest come first
    rows = zip(best.tolist(), shares.tolist(), enough.tolist(), strict=True)
    return [list(zip(topics[:many], parts[:many], strict=True)) for topics, parts, many in rows]
