"""Likeness: how likely people would describe two photos alike, where a photo or a post is what is asked with.

Two things tell: the share of topics in common, and how near both lie where photos are placed among texts; and how near
both lie to a dual encoder, where there is one. Logistic
regression on posts whose words were held aside, each with each, brings them to log-odds: alike are those whose captions
use the same telling words. A photo that asks has no words, a post that others are compared with mostly has some, so
each has a line of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float64
from common.stats import logistic
from topic_model.ranking.odds_line import without_dual

LEAST: Final = 20  # pairs that are alike
_TRUST: Final = 5.0  # as much as so many pairs the usual line counts
_STEEPEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class LikenessLine:
    """The log-odds that two posts are alike: what topics in common and nearness weigh, and where the line lies."""

    mass: float
    cosine: float
    offset: float
    dual: float = 0.0

    def log_odds(self, mass: Float64, cosine: Float64, dual: Float64 | float = 0.0) -> Float64:
        """The log-odds of pairs."""
        return np.asarray(self.mass * mass + self.cosine * cosine + self.dual * dual + self.offset, np.float64)


# By what asks, and whether posts are placed; learned from photos of Flickr8k, for a site that has too few posts.
USUAL_LIKENESS: Final[Mapping[str, LikenessLine]] = {
    "photo": LikenessLine(13.2, 0.0, -8.6),
    "photo, placed": LikenessLine(2.0, 13.5, -7.9),
    "post": LikenessLine(14.7, 0.0, -9.2),
    "post, placed": LikenessLine(1.0, 12.0, -8.6),
}


class Likenesses(NamedTuple):
    """Pairs of an asker and a post: topics in common, nearness (NaN where either has no place), whether alike.

    `dual` is nearness to a dual encoder.
    """

    mass: Float64
    cosine: Float64
    alike: Bool
    dual: Float64 | None = None


def kind_of_asker(*, photo: bool, placed: bool, dual: bool = False) -> str:
    """Name what asks, and how it is compared."""
    return f"{'photo' if photo else 'post'}{', placed' if placed else ''}{', dual' if dual else ''}"


def likeness_odds(
    mass: Float64,
    cosine: Float64,
    lines: Mapping[str, LikenessLine],
    *,
    photo: bool,
    weights: Sequence[float] = (1.0, 1.0, 1.0),
    dual: Float64 | None = None,
) -> Float64:
    """The log-odds that posts are alike to what asks; one that is not placed has no cosine (NaN).

    `weights` are what a visitor wants topics, nearness and that to a dual encoder to weigh, beside the usual.
    """
    of_mass, of_cosine, of_dual = weights
    nowhere = np.full(len(mass), np.nan)
    near = cosine if of_cosine else nowhere
    looks = dual if dual is not None and of_dual else nowhere
    odds = np.zeros(len(mass))
    for placed, seen in product((True, False), repeat=2):
        rows = np.flatnonzero((~np.isnan(near) == placed) & (~np.isnan(looks) == seen))
        kind = kind_of_asker(photo=photo, placed=placed, dual=seen)
        line = lines.get(kind) or lines[kind_of_asker(photo=photo, placed=placed)]
        to_photos, to_dual = np.nan_to_num(near[rows]), np.nan_to_num(looks[rows])
        odds[rows] = line.log_odds(of_mass * mass[rows], of_cosine * to_photos, of_dual * to_dual)
    return odds


def fit_likeness(pairs: Likenesses, kind: str) -> LikenessLine:
    """Learn the line of what asks; where too few pairs are alike the usual one, which knows no dual encoder."""
    usual = USUAL_LIKENESS[without_dual(kind)]
    rows = ~np.isnan(pairs.cosine) if usual.cosine else np.ones(len(pairs.mass), bool)
    looks = np.zeros(len(pairs.mass))
    if kind != without_dual(kind) and pairs.dual is not None:
        looks, rows = pairs.dual, rows & ~np.isnan(pairs.dual)
    about = pairs.alike[rows]
    if about.sum() < LEAST:
        return usual
    from scipy.optimize import minimize  # takes half a second to load, and only training needs it

    cosine = pairs.cosine[rows] if usual.cosine else np.zeros(int(rows.sum()))
    spread = max(float(looks[rows].std()), 1e-9)  # each dual encoder has a scale of its own
    columns = np.stack([pairs.mass[rows], cosine, looks[rows] / spread, np.ones(len(cosine))], axis=1)
    before = np.array([usual.mass, usual.cosine, 0.0, usual.offset])

    def loss(line: Float64) -> tuple[float, Float64]:
        logits = np.clip(columns @ line, -_STEEPEST, _STEEPEST)
        held = (line - before) / _STEEPEST
        total = float((np.logaddexp(0, logits) - about * logits).sum()) + _TRUST * float(held @ held)
        return total, columns.T @ (logistic(logits) - about) + 2 * _TRUST * held / _STEEPEST

    bounds = [(0.0, None), (0.0, None) if usual.cosine else (0.0, 0.0), (0.0, None), (None, None)]
    mass, near, look, offset = minimize(loss, before, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    return LikenessLine(mass, near, offset, look / spread)
