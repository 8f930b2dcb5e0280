"""Trials: what is planted is found, photos never mix, and who cannot be trusted does not win."""

from dataclasses import replace

import numpy as np
import pytest

from topic_model.errors import JudgementsWrong
from topic_model.match.cues import CUES, Cue, Pairs
from topic_model.match.learners import CALIBRATORS, LEARNERS, learn_layers
from topic_model.match.mass import Fit
from topic_model.match.scorer import Scorer, forward
from topic_model.match.trials import FOLDS, LEAST, MOST_ERROR, NOISE, Trial, enough, run_trials, trial_figures
from training.match.learn import ALWAYS as PHOTO

LOW = np.log(0.1)
PHOTOS = 40


def judged(photos: int = PHOTOS, each: int = 8, seed: int = 0) -> Pairs:
    """Pairs of which shared mass and likelihood tell how well they fit, and three experts see that with some noise."""
    rng = np.random.default_rng(seed)
    count = photos * each
    truth = rng.beta(0.6, 1.2, count)
    table = np.full((count, len(CUES)), np.nan)
    for cue, values in {
        Cue.SHARED: np.clip(0.5 * truth + rng.normal(0, 0.05, count), 0, 1),
        Cue.LIKELIHOOD: LOW + 4 * truth + rng.normal(0, 0.3, count),
        Cue.EXPLAINED: np.clip(truth + rng.normal(0, 0.2, count), 0, 1).round(1),
        Cue.BREVITY: -np.log(rng.integers(3, 9, count)),
    }.items():
        table[:, CUES.index(cue)] = values
    votes = np.clip(np.round(1 + 3 * truth[:, None] + rng.normal(0, 0.5, (count, 3))), 1, 4)
    means = (votes.mean(axis=1) - 1) / 3
    measured = rng.random(count) > 0.05
    return Pairs(
        table, [tuple(row) for row in votes], means, means >= 2 / 3, np.repeat(np.arange(photos), each), measured
    )


def noise(texts: int = 5) -> np.ndarray:
    table = np.full((texts, len(CUES)), np.nan)
    table[:, : len(PHOTO)] = np.array([[0, LOW, 0, -np.log(words)] for words in range(1, texts + 1)])
    return table


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    return judged()


@pytest.fixture(scope="module")
def calls() -> list[int]:
    """What progress was told."""
    return []


@pytest.fixture(scope="module")
def compared(pairs: Pairs, calls: list[int]) -> tuple[list[Trial], Scorer]:
    return run_trials(pairs, noise(), PHOTO, progress=lambda: calls.append(1))


def test_the_best_orders_like_people_and_means_what_it_says(
    pairs: Pairs, compared: tuple[list[Trial], Scorer], calls: list[int]
) -> None:
    """Held out, it comes near the planted order, is calibrated, gives noise nothing, and beats the shared mass."""
    trials, scorer = compared
    best, *_, untrained = trials
    assert len(calls) == len(LEARNERS) * FOLDS
    assert len(trials) == len(LEARNERS) * len(CALIBRATORS) + 1
    assert best.figures.tau_c.value > untrained.figures.tau_c.value
    assert best.figures.tau_c.low < best.figures.tau_c.value < best.figures.tau_c.high
    assert best.figures.auc.value > 0.9
    assert best.figures.calibration_error.value <= MOST_ERROR < untrained.figures.calibration_error.value
    assert best.figures.noise <= NOISE
    assert best.figures.tau_c.value == max(trial.figures.tau_c.value for trial in trials[:-1] if trial.passes)
    assert scorer.probability(noise()).max() <= NOISE
    good, bad = best.figures.words[Fit.GOOD], best.figures.words[Fit.NONE]
    assert good[1] > 0.6
    assert bad[1] < 0.1
    assert sum(count for count, _ in best.figures.words.values()) == pairs.measured.sum()


def test_what_is_learned_holds_for_other_photos(compared: tuple[list[Trial], Scorer]) -> None:
    """The figures of the trials are kept by pairs that were drawn anew."""
    trials, scorer = compared
    others = judged(seed=1)
    figures = trial_figures(others, scorer.probability(others.table), 0.0)
    assert figures.auc.value == pytest.approx(trials[0].figures.auc.value, abs=0.05)
    assert figures.calibration_error.value <= 0.08


def test_judgements_by_dice_are_found_out(pairs: Pairs) -> None:
    """With the judgements shuffled nothing can be learned, and no figure pretends otherwise."""
    order = np.random.default_rng(3).permutation(len(pairs.fits))
    shuffled = replace(pairs, votes=[pairs.votes[at] for at in order], means=pairs.means[order], fits=pairs.fits[order])
    trials, _ = run_trials(shuffled, noise(), PHOTO)
    assert all(trial.figures.auc.value < 0.6 for trial in trials[:-1])


def test_a_photo_that_is_told_by_heart_does_not_help(pairs: Pairs) -> None:
    """A cue that only names the photo tells nothing of other photos: held out by photo, it is worth chance."""
    table = pairs.table.copy()
    table[:, CUES.index(Cue.OWN)] = np.random.default_rng(4).permutation(PHOTOS)[pairs.photos]
    fits = (pairs.photos * 7 % PHOTOS) * 2 < PHOTOS
    by_photo = replace(pairs, table=table, fits=fits, means=fits.astype(float))
    trials, _ = run_trials(by_photo, noise(), [Cue.OWN])
    assert all(trial.figures.auc.value < 0.75 for trial in trials[:-1])


@pytest.mark.parametrize("learner", LEARNERS)
def test_layers_are_what_was_learned(learner: str, pairs: Pairs) -> None:
    """Scaling is within the layers: raw cues go in, and rows of another scale give the same order."""
    values = pairs.table[:, : len(PHOTO)]
    layers = learn_layers(learner, values, pairs.means, pairs.fits)
    scaled = learn_layers(learner, values * 1000 + 5, pairs.means, pairs.fits)
    np.testing.assert_allclose(forward(layers, values), forward(scaled, values * 1000 + 5), rtol=1e-3, atol=1e-3)
    assert np.corrcoef(forward(layers, values), pairs.means)[0, 1] > 0.8


def test_no_cue_counts_against_a_pair_in_a_linear_regression(pairs: Pairs) -> None:
    """Even one that happened to go the other way among few pairs."""
    backwards = np.column_stack([pairs.means, -pairs.means + 0.1 * pairs.table[:, 0]])
    (layer,) = learn_layers("linear", backwards, pairs.means, pairs.fits)
    assert (layer.weights >= 0).all()


def test_a_cue_that_never_changes_tells_nothing(pairs: Pairs) -> None:
    """No division by its spread of zero."""
    values = np.column_stack([pairs.table[:, 0], np.ones(len(pairs.means))])
    assert np.isfinite(forward(learn_layers("network", values, pairs.means, pairs.fits), values)).all()


def test_too_few_judgements_are_refused() -> None:
    """With both numbers, and what is needed."""
    few = judged(photos=12, each=3)
    assert not enough(few)
    with pytest.raises(JudgementsWrong, match=rf"judged pairs fit and \d+ do not.*at least {LEAST}"):
        run_trials(few, noise(), PHOTO)


def test_pairs_without_a_cue_are_left_out(pairs: Pairs) -> None:
    """Nobody was placed among photos: nothing is learned of that."""
    assert len(pairs.having([*PHOTO, Cue.ALIGNED]).fits) == 0
    half = replace(pairs, table=np.where(np.arange(len(pairs.fits))[:, None] % 2, pairs.table, np.nan))
    assert len(half.having(PHOTO).votes) == len(pairs.fits) // 2
