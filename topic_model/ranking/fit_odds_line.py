"""Fitting the odds to captions that nobody learned from: each asks for its own post among others, and so do its words.

Nobody has to judge anything. What lift and cosine weigh is what brings captions nearest to their own posts, each among
others (conditional logistic regression). Where the line lies is found from whole captions, of which one in ONE_IN posts
is the right one, and from one to three of their words, which every post is about whose captions say them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float64
from common.stats import logistic
from topic_model.ranking.odds_line import USUAL, OddsLine, without_dual

ONE_IN: Final = 50  # posts is the right one, where nobody knows how many there are
LEAST: Final = 20  # captions of each kind of post
OTHERS: Final = 100  # posts beside the right one
EVENNESS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_TRUST: Final = 5.0  # as many captions as the usual line counts for
_STEEPEST: Final = 30.0


class CaptionTrial(NamedTuple):
    """A text with some posts: lifts, cosines and shares of words said, a row each, which it is about, how many words.

    Of a `whole` caption one post is the right one, the first; others may be as right, and nobody knows. `dual` are
    cosines to a dual encoder.
    """

    lift: Float64
    cosine: Float64
    own: Float64
    about: Bool
    words: int
    whole: bool
    dual: Float64 | None = None

    @property
    def looks(self) -> Float64:
        """The cosines to a dual encoder; NaN without one."""
        return np.full(len(self.lift), np.nan) if self.dual is None else self.dual


def fit_odds_line(trials: Sequence[CaptionTrial], kind: str) -> OddsLine:
    """Learn the line of a kind of post; of too few captions the usual one, which knows nothing of a dual encoder."""
    usual = USUAL[without_dual(kind)]
    whole = [trial for trial in trials if trial.whole]
    if len(whole) < LEAST:
        return usual
    if without_dual(kind) != kind:
        usual = _with_dual(usual, whole)
    return _placed(_weighed(whole, usual), trials, usual)


def _weighed(trials: Sequence[CaptionTrial], usual: OddsLine) -> OddsLine:
    """What lift and cosine weigh: as it makes the own post likeliest among all that were asked."""
    parts = {"lift": usual.lift, "cosine": usual.cosine, "dual": usual.dual}
    named = [name for name, weight in parts.items() if weight or name == "lift"]
    known = [parts[name] for name in named]
    of_trials = [{"lift": trial.lift, "cosine": trial.cosine, "dual": trial.looks} for trial in trials]
    columns = [np.stack([trial[name] for name in named], axis=1) for trial in of_trials]
    spread = np.maximum(np.concatenate(columns).std(axis=0), 1e-9)
    before = np.array(known) * spread
    groups = [values / spread for values in columns]

    def loss(weights: Float64) -> tuple[float, Float64]:
        total, slope = _TRUST * float(((weights - before) ** 2).sum()), 2 * _TRUST * (weights - before)
        for values in groups:
            scores = values @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            total -= float(np.log(max(likely[0], 1e-300)))
            slope = slope - (values[0] - likely @ values)
        return total / len(groups), slope / len(groups)

    bounds = [(0.0, None)] * len(known)
    weights = _minimize(loss, before, bounds).x / spread
    return replace(usual, **dict(zip(named, weights.tolist(), strict=True)))


def _with_dual(usual: OddsLine, trials: Sequence[CaptionTrial]) -> OddsLine:
    """The usual line with the cosines of a dual encoder brought to its scale: one spread of them is one step of it."""
    looks = np.concatenate([trial.looks for trial in trials])
    weight = 1 / max(float(looks.std()), 1e-9)
    return replace(usual, dual=weight, offset=usual.offset - usual.slope * weight * float(looks.mean()))


def _placed(line: OddsLine, trials: Sequence[CaptionTrial], usual: OddsLine) -> OddsLine:
    """Where the line lies and how steep it is, so that what it says comes true as often as it says."""
    scores = np.concatenate([line.score(trial.lift, trial.cosine, trial.looks) for trial in trials])
    about = np.concatenate([trial.about for trial in trials])
    own = np.concatenate([trial.own for trial in trials])
    words = np.concatenate([np.full(len(trial.lift), trial.words) for trial in trials])
    weights = np.concatenate([_counts(trial) for trial in trials])
    fitted = [_fitted(scores, own, about, words, weights, evenness, usual) for evenness in EVENNESS]
    _, numbers, evenness = min(fitted, key=lambda one: one[0])
    slope, offset, length, held = numbers.tolist()
    return replace(line, slope=slope, offset=offset, length=length, own=held, evenness=evenness)


def _counts(trial: CaptionTrial) -> Float64:
    """What each pair counts: the others of a whole caption as ONE_IN, those of some words as a question together."""
    if not trial.whole:
        return np.full(len(trial.lift), ONE_IN / len(trial.lift))
    counts = np.full(len(trial.lift), (ONE_IN - 1) / max(len(trial.lift) - 1, 1))
    counts[0] = 1.0
    return counts


def _fitted(
    scores: Float64, own: Float64, about: Bool, words: Float64, weights: Float64, evenness: float, usual: OddsLine
) -> tuple[float, Float64, float]:
    """Weighted logistic regression with a slope of 0 or more; the usual line holds it back a little."""
    columns = np.stack(
        [scores * words**-evenness, np.ones(len(scores)), -np.log(words), (own == 1) / np.sqrt(words)], axis=1
    )
    before = np.array([usual.slope, usual.offset, usual.length, usual.own])

    def loss(line: Float64) -> tuple[float, Float64]:
        logits = np.clip(columns @ line, -_STEEPEST, _STEEPEST)
        chances = logistic(logits)
        wrong = weights * (chances - about)
        total = float((weights * (np.logaddexp(0, logits) - about * logits)).sum())
        held = line - before
        return total + _TRUST * float(held @ held) / 10, columns.T @ wrong + _TRUST * held / 5

    found = _minimize(loss, before, [(0, None), (None, None), (None, None), (0, None)])
    return float(found.fun), found.x, evenness


def _minimize(
    loss: Callable[[Float64], tuple[float, Float64]],
    before: Float64,
    bounds: Sequence[tuple[float | None, float | None]],
) -> Any:
    """Where a loss that tells its slope is least, within bounds."""
    from scipy.optimize import minimize  # takes half a second to load, and only training needs it

    return minimize(loss, before, jac=True, method="L-BFGS-B", bounds=bounds)
