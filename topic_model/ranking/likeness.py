"""Likeness: how likely people would describe two photos alike, where a photo or a post is what is asked with.

Two things tell: the share of topics in common, and how near both lie where photos are placed among texts. Logistic
regression on posts whose words were held aside, each with each, brings them to log-odds: alike are those whose captions
use the same telling words. A photo that asks has no words, a post that others are compared with mostly has some, so
each has a line of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float64
from common.stats import logistic

LEAST: Final = 20  # pairs that are alike
_TRUST: Final = 5.0  # as much as so many pairs the usual line counts
_STEEPEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class LikenessLine:
    """The log-odds that two posts are alike: what topics in common and nearness weigh, and where the line lies."""

    mass: float
    cosine: float
    offset: float

    def log_odds(self, mass: Float64, cosine: Float64) -> Float64:
        """The log-odds of pairs."""
        return np.asarray(self.mass * mass + self.cosine * cosine + self.offset, np.float64)


# By what asks, and whether posts are placed; learned from photos of Flickr8k, for a site that has too few posts.
USUAL_LIKENESS: Final[Mapping[str, LikenessLine]] = {
    "photo": LikenessLine(13.2, 0.0, -8.6),
    "photo, placed": LikenessLine(2.0, 13.5, -7.9),
    "post": LikenessLine(14.7, 0.0, -9.2),
    "post, placed": LikenessLine(1.0, 12.0, -8.6),
}


class Likenesses(NamedTuple):
    """Pairs of an asker and a post: topics in common, nearness (NaN where either has no place), whether alike."""

    mass: Float64
    cosine: Float64
    alike: Bool


def kind_of_asker(*, photo: bool, placed: bool) -> str:
    """Name what asks, and how it is compared."""
    return f"{'photo' if photo else 'post'}{', placed' if placed else ''}"


def likeness_odds(
    mass: Float64,
    cosine: Float64,
    lines: Mapping[str, LikenessLine],
    *,
    photo: bool,
    weights: Sequence[float] = (1.0, 1.0),
) -> Float64:
    """The log-odds that posts are alike to what asks; one that is not placed has no cosine (NaN).

    `weights` are what a visitor wants topics and nearness to weigh, beside the usual.
    """
    of_mass, of_cosine = weights
    placed = ~np.isnan(cosine) if of_cosine else np.zeros(len(cosine), bool)
    odds = lines[kind_of_asker(photo=photo, placed=False)].log_odds(of_mass * mass, np.zeros(len(mass)))
    near = lines[kind_of_asker(photo=photo, placed=True)].log_odds(of_mass * mass, of_cosine * np.nan_to_num(cosine))
    return np.where(placed, near, odds)


def fit_likeness(pairs: Likenesses, kind: str) -> LikenessLine:
    """Learn the line of what asks; the usual one where too few pairs are alike."""
    usual = USUAL_LIKENESS[kind]
    rows = ~np.isnan(pairs.cosine) if usual.cosine else np.ones(len(pairs.mass), bool)
    about = pairs.alike[rows]
    if about.sum() < LEAST:
        return usual
    from scipy.optimize import minimize  # takes half a second to load, and only training needs it

    cosine = pairs.cosine[rows] if usual.cosine else np.zeros(int(rows.sum()))
    columns = np.stack([pairs.mass[rows], cosine, np.ones(len(cosine))], axis=1)
    before = np.array([usual.mass, usual.cosine, usual.offset])

    def loss(line: Float64) -> tuple[float, Float64]:
        logits = np.clip(columns @ line, -_STEEPEST, _STEEPEST)
        held = (line - before) / _STEEPEST
        total = float((np.logaddexp(0, logits) - about * logits).sum()) + _TRUST * float(held @ held)
        return total, columns.T @ (logistic(logits) - about) + 2 * _TRUST * held / _STEEPEST

    bounds = [(0.0, None), (0.0, None) if usual.cosine else (0.0, 0.0), (None, None)]
    mass, near, offset = minimize(loss, before, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    return LikenessLine(mass, near, offset)
