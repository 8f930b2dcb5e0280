"""Likeness: log-odds that come true, learned from pairs of which it is known whether they are alike."""

import numpy as np
import pytest

from common.stats import logistic
from topic_model.ranking.likeness import LEAST, USUAL_LIKENESS, Likenesses, LikenessLine, fit_likeness, likeness_odds

TRUTH = LikenessLine(6.0, 9.0, -7.0)


def pairs(count: int, seed: int, *, placed: bool = True) -> Likenesses:
    """Pairs that are alike as often as the truth says."""
    rng = np.random.default_rng(seed)
    mass, cosine = rng.random(count), rng.uniform(-0.3, 0.8, count)
    is_alike = rng.random(count) < logistic(TRUTH.log_odds(mass, cosine))
    return Likenesses(mass, cosine if placed else np.full(count, np.nan), is_alike)


def test_what_it_says_comes_true() -> None:
    """Of other pairs as many are alike as are said to be, sure and unsure ones."""
    line, others = fit_likeness(pairs(5000, 1), "photo, placed"), pairs(20_000, 2)
    said = logistic(line.log_odds(others.mass, others.cosine))
    for least, most in ((0.0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 1.0)):
        rows = (said >= least) & (said < most)
        assert others.alike[rows].mean() == pytest.approx(said[rows].mean(), abs=0.04)


def test_too_few_alike_leave_the_usual_line() -> None:
    """And so do pairs without places, where the line is of those that have them."""
    some = pairs(3000, 1)
    few = some._replace(alike=np.arange(3000) < LEAST - 1)
    assert fit_likeness(few, "post") == USUAL_LIKENESS["post"]
    assert fit_likeness(pairs(3000, 1, placed=False), "post, placed") == USUAL_LIKENESS["post, placed"]
    assert fit_likeness(some, "post") != USUAL_LIKENESS["post"]


def test_more_in_common_is_never_less_likely() -> None:
    """Whatever the pairs say: neither topics in common nor nearness count against a post."""
    some = pairs(3000, 3)
    line = fit_likeness(some._replace(alike=~some.alike), "photo, placed")
    assert min(line.mass, line.cosine) >= 0


@pytest.mark.parametrize("photo", [True, False])
def test_who_has_no_place_is_told_by_topics(photo: bool) -> None:
    """By a line of its own; so is everybody where the visitor wants no nearness."""
    mass, cosine = np.array([0.2, 0.9, 0.9]), np.array([0.5, np.nan, 0.5])
    kind = "photo" if photo else "post"
    odds = likeness_odds(mass, cosine, USUAL_LIKENESS, photo=photo)
    by_topics = USUAL_LIKENESS[kind].log_odds(mass, np.zeros(3))
    near = USUAL_LIKENESS[f"{kind}, placed"].log_odds(mass, np.nan_to_num(cosine))
    assert odds == pytest.approx([near[0], by_topics[1], near[2]])
    assert likeness_odds(mass, cosine, USUAL_LIKENESS, photo=photo, weights=(1, 0, 1)) == pytest.approx(by_topics)


def test_a_dual_encoder_tells_of_likeness_too() -> None:
    """Where topics and places tell nothing, what looks alike to it does; what it has not seen has the line without."""
    rng = np.random.default_rng(8)
    some = pairs(3000, 1)
    looks = rng.normal(0.2, 0.03, 3000) + 0.2 * some.alike
    dull = some._replace(mass=rng.permutation(some.mass), cosine=rng.permutation(some.cosine), dual=looks)
    line = fit_likeness(dull, "photo, placed, dual")
    said = logistic(line.log_odds(dull.mass, dull.cosine, looks))
    assert said[dull.alike].mean() > 0.8
    assert said[~dull.alike].mean() < 0.1
    lines = {**USUAL_LIKENESS, "photo, placed, dual": line}
    half = np.where(np.arange(3000) % 2, looks, np.nan)
    odds = likeness_odds(dull.mass, dull.cosine, lines, photo=True, dual=half)
    without = likeness_odds(dull.mass, dull.cosine, lines, photo=True)
    assert odds[::2] == pytest.approx(without[::2])
    assert odds[1::2] == pytest.approx(line.log_odds(dull.mass, dull.cosine, looks)[1::2])
