"""Measures: known values, worked out by hand, and what must hold for any scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats import auc
from topic_model.match.measures import (
    average_precision,
    bootstrap,
    calibration_error,
    precision_recall,
    reliability,
    roc,
    tau_c,
)

rated = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), min_size=2, max_size=30)
scored = st.lists(st.tuples(st.floats(0, 1, width=16), st.booleans()), min_size=1, max_size=40)


def apart(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([score for score, _ in rows]), np.array([fits for _, fits in rows])


def test_tau_c_of_a_table_worked_out_by_hand() -> None:
    """Of six pairs of rows four agree and one disagrees; m is 3: 2 (4 - 1) 3 / (16 * 2)."""
    judged, scores = np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.1, 0.4, 0.2, 0.3])
    assert tau_c(judged, scores) == pytest.approx(2 * (4 - 1) * 3 / (16 * 2))


@given(rated)
def test_tau_c_counts_pairs(rows: list[tuple[int, int]]) -> None:
    """It is what counting every two rows gives; reversed scores change its sign."""
    judged, scores = np.array(rows, np.float64).T
    signs = np.sign(judged[:, None] - judged) * np.sign(scores[:, None] - scores)
    least = min(len(np.unique(judged)), len(np.unique(scores)))
    expected = 0.0 if least < 2 else signs.sum() / 2 * 2 * least / (len(rows) ** 2 * (least - 1))
    assert tau_c(judged, scores) == pytest.approx(expected)
    assert tau_c(judged, -scores) == pytest.approx(-expected)


def test_auc_and_precision_worked_out_by_hand() -> None:
    """Of four pairs of a fitting and another one three are in order; precision is 1 at the first, 2/3 at the second."""
    scores, fits = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False])
    assert auc(scores, fits) == 0.75
    precision, recall = precision_recall(scores, fits)
    assert precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert recall.tolist() == [0.5, 0.5, 1, 1]
    assert average_precision(scores, fits) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    wrong, result = roc(scores, fits)
    assert (wrong.tolist(), result.tolist()) == ([0, 0, 0.5, 0.5, 1], [0, 0.5, 0.5, 1, 1])


@given(scored)
def test_the_area_under_the_roc_is_the_auc(rows: list[tuple[float, bool]]) -> None:
    """Both say how often a fitting pair has the higher score; without one of both kinds there is no such number."""
    scores, fits = apart(rows)
    if fits.all() or not fits.any():
        assert np.isnan(auc(scores, fits))
    else:
        wrong, result = roc(scores, fits)
        assert auc(scores, fits) == pytest.approx(np.trapezoid(result, wrong))
        assert auc(1 - scores, fits) == pytest.approx(1 - auc(scores, fits), abs=1e-3)


def test_calibration_error_worked_out_by_hand() -> None:
    """Two pairs at 0.95 of which one fits, two at 0.05 of which none does: (0.45 * 2 + 0.05 * 2) / 4."""
    scores, fits = np.array([0.95, 0.95, 0.05, 0.05]), np.array([True, False, False, False])
    assert calibration_error(scores, fits) == pytest.approx(0.25)
    assert [tuple(one) for one in reliability(scores, fits)] == [(2, 0.05, 0.0), (2, 0.95, 0.5)]


@given(scored)
def test_every_pair_is_in_one_tenth(rows: list[tuple[float, bool]]) -> None:
    """The tenths hold all pairs, a score of 1 too, and the error is a share."""
    scores, fits = apart(rows)
    result = reliability(scores, fits)
    assert sum(one.pairs for one in result) == len(rows)
    assert sum(one.pairs * one.share for one in result) == pytest.approx(fits.sum())
    assert 0 <= calibration_error(scores, fits) <= 1


def test_scores_that_mean_what_they_say_have_no_error() -> None:
    """Drawn fits come true as often as was said, within what chance does to so many."""
    rng = np.random.default_rng(0)
    scores = rng.random(20_000)
    assert calibration_error(scores, rng.random(20_000) < scores) < 0.02


def test_whole_photos_are_resampled() -> None:
    """With every row of a photo alike, the interval is as wide as of photos, not of rows; and always the same."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=40)
    photos, rows = np.repeat(np.arange(40), 50), np.repeat(values, 50)
    result = bootstrap(lambda at: float(rows[at].mean()), photos, 400)
    assert result.value == pytest.approx(values.mean())
    assert result.high - result.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(40), rel=0.2)
    assert result == bootstrap(lambda at: float(rows[at].mean()), photos, 400)


def test_resamples_without_a_figure_are_left_out() -> None:
    """A resample in which nothing fits has no AUC; the interval comes from the others."""
    scores, fits = np.array([0.9, 0.1, 0.2]), np.array([True, False, False])
    result = bootstrap(lambda at: auc(scores[at], fits[at]), np.arange(3), 50)
    assert tuple(result) == (1, 1, 1)
