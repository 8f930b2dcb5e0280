"""Small statistics, held against scipy and scikit-learn."""

import math

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binomtest, zscore
from sklearn.metrics import roc_auc_score

from common.stats import ONE_SIDED, auc, central, logistic, standard_scores, wilson


@pytest.mark.parametrize("levels", [3, 1_000_000], ids=["many ties", "hardly any"])
def test_auc_is_that_of_scikit_learn(levels: int) -> None:
    """A tie between one that is and one that is not counts as a half."""
    rng = np.random.default_rng(levels)
    positive = rng.random(300) < 0.3
    scores = np.floor(levels * (rng.random(300) + 0.2 * positive))
    assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)


@pytest.mark.parametrize("positive", [[True, True], [False, False], []], ids=["all", "none", "nothing"])
def test_auc_of_one_kind_is_no_number(positive: list[bool]) -> None:
    """Nothing is told apart where there is nothing to tell apart."""
    assert math.isnan(auc(np.ones(len(positive)), np.array(positive, dtype=bool)))


@pytest.mark.parametrize(("hits", "of"), [(0, 1), (1, 1), (3, 7), (0, 40), (40, 40), (512, 1000)])
def test_wilson_is_that_of_scipy(hits: int, of: int) -> None:
    """Within 0 and 1, also where all or none of a few are hits."""
    known = binomtest(hits, of).proportion_ci(method="wilson")
    low, high = wilson(hits, of)
    assert (low, high) == pytest.approx((known.low, known.high), abs=1e-4)
    assert 0 <= low <= hits / of <= high <= 1


def test_wilson_of_one_side_is_narrower() -> None:
    """Where only the lower bound is asked for, 19 of 20 lie above a bound that is nearer."""
    known = binomtest(9, 10, alternative="greater").proportion_ci(method="wilson")
    assert wilson(9, 10, ONE_SIDED)[0] == pytest.approx(known.low, abs=1e-4)
    assert wilson(9, 10, ONE_SIDED)[0] > wilson(9, 10)[0]


def test_wilson_of_nothing_is_everything() -> None:
    """Of no trial any share is possible."""
    assert wilson(0, 0) == (0.0, 1.0)


def test_central_interval_leaves_a_fortieth_on_either_side() -> None:
    """95 of 100 samples lie within."""
    assert central(np.arange(1001.0)) == pytest.approx((25.0, 975.0))
    assert central(np.array([1.0, 2.0, math.inf]), "inverted_cdf") == (1.0, math.inf)


def test_standard_scores_are_those_of_scipy() -> None:
    """Each row by itself; a row of equals is 0."""
    rows = np.random.default_rng(0).normal(3, 2, (4, 50))
    assert standard_scores(rows) == pytest.approx(zscore(rows, axis=1))
    assert standard_scores(rows[0]) == pytest.approx(zscore(rows[0]))
    assert standard_scores(np.full(5, 0.5)).tolist() == [0.0] * 5


def test_logistic_is_that_of_scipy_and_keeps_what_is_no_number() -> None:
    """However large the odds, a chance stays between 0 and 1 and warns of nothing."""
    odds = np.array([-1e9, -30.0, -1.0, 0.0, 2.5, 30.0, 1e9])
    assert logistic(odds) == pytest.approx(expit(odds), abs=1e-15)
    assert math.isnan(logistic(np.array([math.nan]))[0])
