"""Lines fitted to captions of planted truth: weights, level and steepness come back, and come true."""

import numpy as np
import pytest

from common.stats import logistic
from topic_model.ranking.fit_odds_line import LEAST, CaptionTrial, fit_odds_line
from topic_model.ranking.odds_line import USUAL, OddsLine

PLANTED = OddsLine(0.8, 6.0, 1.0, -3.0, 0.0, 1.0, 4.0)


def trials(questions: int, seed: int, *, own: bool = False, noise: float = 1.0) -> list[CaptionTrial]:
    """Whole captions with their own post first, and short ones whose posts are drawn by the planted chances."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(questions):
        lift, cosine = rng.normal(0, 1.5, 41), rng.normal(0, 0.1, 41)
        lift[0] += rng.normal(6, noise)
        cosine[0] += rng.normal(0.3, noise / 10)
        said = np.zeros(41)
        made.append(CaptionTrial(lift, cosine, said, np.arange(41) == 0, 8, whole=True))
        words = int(rng.integers(1, 4))
        lift, cosine = rng.normal(0, 2, 41), rng.normal(0, 0.1, 41)
        said = np.where(own & (rng.random(41) < 0.2), 1.0, 0.0)
        odds = PLANTED.log_odds(PLANTED.score(lift, cosine, np.zeros(41)), said, words)
        made.append(CaptionTrial(lift, cosine, said, rng.random(41) < logistic(odds), words, whole=False))
    return made


@pytest.mark.parametrize("kind", ["photo, placed", "words, placed"])
def test_what_a_line_says_comes_true(kind: str) -> None:
    """On trials that it did not learn from: of the pairs that get about a chance, about so many are right."""
    own = kind.startswith("words")
    line = fit_odds_line(trials(400, 0, own=own), kind)
    short = [trial for trial in trials(400, 1, own=own) if not trial.whole]
    chances = np.concatenate(
        [logistic(line.log_odds(line.score(one.lift, one.cosine, one.looks), one.own, one.words)) for one in short]
    )
    about = np.concatenate([one.about for one in short])
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        within = (chances >= low) & (chances < high)
        if within.sum() > 100:
            assert about[within].mean() == pytest.approx(chances[within].mean(), abs=0.08)


def test_a_cosine_that_tells_is_weighed_more_than_one_that_does_not() -> None:
    """The weights are those by which captions find their own posts."""
    telling = trials(200, 0)
    rng = np.random.default_rng(3)
    dull = [trial._replace(cosine=rng.permutation(trial.cosine)) for trial in telling]
    with_it, without = fit_odds_line(telling, "photo, placed"), fit_odds_line(dull, "photo, placed")
    assert with_it.cosine / with_it.lift > 5 * without.cosine / without.lift
    assert min(with_it.lift, without.cosine) >= 0


def test_a_post_that_is_not_placed_has_no_cosine() -> None:
    """Cosines that are no numbers are not looked at."""
    blind = [trial._replace(cosine=np.full(41, np.nan)) for trial in trials(60, 0)]
    line = fit_odds_line(blind, "photo")
    assert line.cosine == 0
    assert np.isfinite([line.lift, line.slope, line.offset, line.length]).all()


def test_too_few_captions_leave_the_usual_line() -> None:
    """A handful would say anything."""
    assert fit_odds_line(trials(LEAST - 1, 0), "photo, placed") == USUAL["photo, placed"]
    assert fit_odds_line(trials(LEAST, 0), "photo, placed") != USUAL["photo, placed"]


def test_a_dual_encoder_is_weighed_on_its_own_scale() -> None:
    """Cosines of 0.15 to 0.35, or a hundredth of that: what a line says of a post is the same, and comes true."""
    rng = np.random.default_rng(4)
    seen = []
    for trial in trials(300, 0):
        looks = rng.normal(0.15, 0.02, len(trial.lift)) + 0.12 * trial.about
        blurred = trial.lift * 0.2 if trial.whole else trial.lift
        seen.append(trial._replace(dual=looks, lift=blurred))
    small = [trial._replace(dual=trial.looks / 100) for trial in seen]
    line, other = (fit_odds_line(of, "photo, placed, dual") for of in (seen, small))
    assert line.dual > 0
    assert other.dual == pytest.approx(100 * line.dual, rel=0.05)
    for one, same in zip(seen[:50], small[:50], strict=True):
        odds = line.log_odds(line.score(one.lift, one.cosine, one.looks), one.own, one.words)
        again = other.log_odds(other.score(same.lift, same.cosine, same.looks), same.own, same.words)
        assert odds == pytest.approx(again, abs=0.1)
    blind = [trial._replace(dual=rng.permutation(trial.looks)) for trial in seen]
    assert fit_odds_line(blind, "photo, placed, dual").dual < line.dual / 4
