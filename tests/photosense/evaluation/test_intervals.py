"""Intervals hold the truth as often as they say, also where questions come in groups."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosense.evaluation.intervals import Bootstrap, numbered


def grouped(rng: np.random.Generator, groups: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Questions that succeed with the chance of their group, 0.4 on average."""
    chance = rng.beta(0.8, 1.2, groups)
    values = rng.random((groups, each)) < chance[:, None]
    return values.astype(float).ravel(), np.repeat(np.arange(groups), each)


def test_the_interval_holds_the_truth() -> None:
    """Of 300 simulated runs with five questions a photo, about 95 in 100 intervals hold the true 0.4."""
    rng = np.random.default_rng(5)
    held = 0
    for run in range(300):
        values, groups = grouped(rng, 80, 5)
        _, low, high = Bootstrap(groups, run, 400).mean(values)
        held += low <= 0.4 <= high
    assert 0.91 <= held / 300 <= 0.98


def test_questions_that_are_taken_for_strangers_make_it_too_narrow() -> None:
    """The check above can fail: without the groups far fewer intervals hold the truth."""
    rng = np.random.default_rng(5)
    held = 0
    for run in range(150):
        values, groups = grouped(rng, 80, 5)
        _, low, high = Bootstrap(np.arange(len(groups)), run, 400).mean(values)
        held += low <= 0.4 <= high
    assert held / 150 < 0.85


def test_the_interval_of_the_median_holds_the_truth() -> None:
    """Of 200 simulated runs about 95 in 100 intervals hold the true median rank."""
    rng = np.random.default_rng(9)
    held = 0
    for run in range(200):
        ranks = rng.geometric(0.05, 150).astype(float)  # half of all such ranks are at most 14
        _, low, high = Bootstrap(np.arange(150), run, 400).median(ranks)
        held += low <= 14 <= high
    assert held / 200 >= 0.91


@pytest.mark.parametrize(("value", "groups"), [(1.0, 30), (0.0, 30), (1.0, 1)], ids=["all", "none", "one group"])
def test_where_all_went_alike_the_exact_bound_stands(value: float, groups: int) -> None:
    """Drawing thirty successes anew gives thirty successes; the truth may be 0.88 all the same."""
    estimate = Bootstrap(np.arange(groups)).mean(np.full(groups, value))
    bound = 0.025 ** (1 / groups)
    assert estimate == pytest.approx((1, bound, 1) if value else (0, 0, 1 - bound))


def test_median_by_hand() -> None:
    """The median is the rank that half of the questions reach; none, where fewer find anything."""
    alone = np.arange(4)
    assert Bootstrap(alone).median(np.array([1.0, 2.0, 9.0, inf])).value == 2
    assert Bootstrap(alone).median(np.array([3.0, inf, inf, inf])).value == inf
    value, low, high = Bootstrap(alone).median(np.array([7.0, 7.0, 7.0, 7.0]))
    assert (value, low, high) == (7, 7, 7)


def test_one_photo_tells_nothing_of_others() -> None:
    """A single group, drawn anew, is itself: the interval says that anything may be true."""
    alone = Bootstrap(np.zeros(4, dtype=int))
    assert alone.mean(np.array([1.0, 0, 0, 1])) == (0.5, 0, 1)
    assert alone.median(np.array([1.0, 4, 4, 9])) == (4, 1, inf)


def test_groups_are_numbered_without_gaps() -> None:
    """Names become numbers, the same for the same name."""
    assert numbered(["b", "a", "b", "c"]).tolist() == [1, 0, 1, 2]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), min_size=1, max_size=40), st.integers(0, 3))
def test_intervals_hold_the_figure_and_repeat(questions: list[tuple[int, float]], seed: int) -> None:
    """Low and high stay within 0 and 1 and in order; the same seed gives the same."""
    groups = numbered([str(group) for group, _ in questions])
    values = np.array([value for _, value in questions])
    first, again = (Bootstrap(groups, seed, 100).mean(values) for _ in range(2))
    assert first == again
    assert -1e-9 <= first.low <= first.high <= 1 + 1e-9
    assert first.value == pytest.approx(values.mean())
