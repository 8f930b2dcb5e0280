"""Trials: every learner with every calibration, judged by photos that it had not seen; the best is learned from all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from common.arrays import Bool, Float64
from common.stats import auc
from topic_model.errors import JudgementsWrong
from topic_model.match.cues import Cue, Indices, Pairs, Table, columns
from topic_model.match.learners import CALIBRATORS, LEARNERS, learn_layers
from topic_model.match.mass import Fit, fit_of
from topic_model.match.measures import (
    Bin,
    Interval,
    average_precision,
    bootstrap,
    calibration_error,
    reliability,
    tau_c,
)
from topic_model.match.scorer import Scorer, forward

FOLDS: Final = 5
LEAST: Final = 20  # pairs that fit, and pairs that do not: with fewer the figures mean nothing
RESAMPLES: Final = 200
MOST_ERROR: Final = 0.05  # of calibration
NOISE: Final = 0.1  # no noise may match more


@dataclass(frozen=True, slots=True)
class Figures:
    """How good the scores of pairs are that were held out, each with its 95 % interval over photos.

    `noise` is the most that a text without meaning got. `words` tells, of the pairs that get each word for their match,
    how many they are and what share of them fits.
    """

    tau_c: Interval
    auc: Interval
    average_precision: Interval
    calibration_error: Interval
    noise: float
    bins: Sequence[Bin]
    words: Mapping[Fit, tuple[int, float]]

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder."""
        measured = ("tau_c", "auc", "average_precision", "calibration_error")
        plain = {name: [round(value, 4) for value in getattr(self, name)] for name in measured}
        return {
            **plain,
            "noise": round(self.noise, 4),
            "bins": [[round(value, 4) for value in one] for one in self.bins],
            "words": {fit: [count, round(share, 4)] for fit, (count, share) in self.words.items()},
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """A learner, a calibration, and what came of them."""

    learner: str
    calibration: str
    figures: Figures

    @property
    def passes(self) -> bool:
        """Whether its scores mean what they say: probabilities, and next to nothing for noise."""
        return self.figures.calibration_error.value <= MOST_ERROR and self.figures.noise <= NOISE


def enough(pairs: Pairs) -> bool:
    """Whether there are enough pairs to learn from and to measure on."""
    kinds = (pairs.measured & pairs.fits, pairs.measured & ~pairs.fits)
    return all(kind.sum() >= LEAST and len(np.unique(pairs.photos[kind])) >= 2 * FOLDS for kind in kinds)


def run_trials(
    pairs: Pairs, noise: Table, cues: Sequence[Cue], *, progress: Callable[[], None] = lambda: None
) -> tuple[list[Trial], Scorer]:
    """Try every learner on pairs that have these cues; give all trials, the best first, and the best one's scorer.

    The best orders most like people do (tau-c) among those whose scores mean what they say. `noise` are pairs of
    photos with texts that mean nothing, on which nothing is learned.
    """
    pairs = pairs.having(cues)
    if not enough(pairs):
        fits = pairs.fits[pairs.measured]
        raise JudgementsWrong(
            f"{int(fits.sum())} judged pairs fit and {int((~fits).sum())} do not, own captions left out: "
            f"at least {LEAST} of each are needed, on {2 * FOLDS} photos or more."
        )
    values, unmeaning = columns(pairs.table, cues), columns(noise, cues)
    trials: list[Trial] = []
    for learner in LEARNERS:
        held_out = {name: np.zeros(len(values)) for name in CALIBRATORS}
        most = dict.fromkeys(CALIBRATORS, 0.0)
        for rest, out in _folds(pairs.photos):
            layers, raw = _learned(learner, values, pairs, rest)
            for name, calibrate in CALIBRATORS.items():
                measured = pairs.measured[rest]
                calibration = calibrate(raw[measured], pairs.fits[rest][measured])
                held_out[name][out] = calibration(forward(layers, values[out]))
                most[name] = max(most[name], *calibration(forward(layers, unmeaning)), 0.0)
            progress()
        trials += [Trial(learner, name, trial_figures(pairs, held_out[name], most[name])) for name in CALIBRATORS]
    best = max(trials, key=lambda trial: (trial.passes, trial.figures.tau_c.value))
    everything = np.arange(len(values))
    layers, raw = _learned(best.learner, values, pairs, everything)
    calibration = CALIBRATORS[best.calibration](raw[pairs.measured], pairs.fits[pairs.measured])
    low, high = values.min(axis=0), values.max(axis=0)
    scorer = Scorer(tuple(cues), low, high, layers, calibration)
    return [best, *(trial for trial in trials if trial is not best), _untrained(pairs, noise)], scorer


def _untrained(pairs: Pairs, noise: Table) -> Trial:
    """The shared mass as it is, which needs no judgements."""
    mass, of_noise = (np.nan_to_num(columns(table, [Cue.SHARED])[:, 0]) for table in (pairs.table, noise))
    return Trial("shared mass", "none", trial_figures(pairs, mass, float(of_noise.max(initial=0.0))))


def trial_figures(pairs: Pairs, scores: Float64, noise: float) -> Figures:
    """Measure scores on the pairs that are there to measure on."""
    at = np.flatnonzero(pairs.measured)
    scores, fits, photos = scores[at], pairs.fits[at], pairs.photos[at]
    votes = [pairs.votes[index] for index in at.tolist()]
    counts = np.array([len(one) for one in votes])
    starts, ratings = np.cumsum(counts) - counts, np.concatenate(votes).astype(np.float64)

    def order(rows: Indices) -> float:
        """Each rating is a row of its own."""
        many = counts[rows]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return tau_c(ratings[np.repeat(starts[rows], many) + within], np.repeat(scores[rows], many))

    def over(measure: Callable[[Float64, Bool], float]) -> Interval:
        return bootstrap(lambda rows: measure(scores[rows], fits[rows]), photos, RESAMPLES)

    return Figures(
        bootstrap(order, photos, RESAMPLES),
        over(auc),
        over(average_precision),
        over(calibration_error),
        noise,
        reliability(scores, fits),
        {fit: (len(of), float(np.mean(of)) if len(of) else 0.0) for fit, of in _by_word(scores, fits).items()},
    )


def _by_word(scores: Float64, fits: Bool) -> dict[Fit, list[bool]]:
    words: dict[Fit, list[bool]] = {fit: [] for fit in Fit}
    for score, fitting in zip(scores.tolist(), fits.tolist(), strict=True):
        words[fit_of(score)].append(fitting)
    return words


def _learned(learner: str, values: Table, pairs: Pairs, rows: Indices) -> tuple[Any, Float64]:
    """Layers learned from some rows, and what layers say of each of these rows that had not learned from its photo."""
    raw = np.zeros(len(rows))
    for rest, out in _folds(pairs.photos[rows]):
        of = rows[rest]
        raw[out] = forward(learn_layers(learner, values[of], pairs.means[of], pairs.fits[of]), values[rows[out]])
    return learn_layers(learner, values[rows], pairs.means[rows], pairs.fits[rows]), raw


def _folds(photos: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Cut rows into folds by photo: the rest, and what is held out; the same photos are cut the same way."""
    names, at = np.unique(photos, return_inverse=True)
    fold = np.random.default_rng(0).permutation(len(names))[at] % FOLDS
    for number in range(FOLDS):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)
