"""Agreement: known values, and what must hold whoever judges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.match.agreement import krippendorff_alpha, majority, weighted_kappa

tables = st.lists(st.tuples(*[st.integers(1, 4)] * 3), min_size=2, max_size=30)


def test_alpha_of_a_table_worked_out_by_hand() -> None:
    """Within pairs the mean squared distance is 1/3 (one row of three differs by 1), among all ratings it is 17/15."""
    rows = [(1, 1), (2, 3), (2, 2)]
    within = (0 + 1 + 0) / 3
    ratings = np.array([1, 1, 2, 3, 2, 2], np.float64)
    among = ((ratings[:, None] - ratings) ** 2).sum() / (6 * 5)
    assert krippendorff_alpha(rows) == pytest.approx(1 - within / among)


def test_rows_of_one_say_nothing_of_agreement() -> None:
    """Some may be judged by more people than others; those judged by one are left out."""
    assert krippendorff_alpha([(1, 1, 2), (4, 4), (3,)]) == krippendorff_alpha([(1, 1, 2), (4, 4)])
    assert np.isnan(krippendorff_alpha([(1,), (2,)]))


@given(tables)
def test_full_agreement_is_one(rows: list[tuple[int, int, int]]) -> None:
    """Nobody can agree more; who says the same of everything agrees too."""
    same = [(row[0],) * 3 for row in rows]
    assert krippendorff_alpha(same) == pytest.approx(1)
    assert weighted_kappa(same) == pytest.approx(1)
    assert krippendorff_alpha(rows) <= 1 + 1e-9
    assert weighted_kappa(rows) <= 1 + 1e-9


@given(tables)
def test_the_scale_does_not_matter(rows: list[tuple[int, int, int]]) -> None:
    """Scores of 1 to 4 and shares of 0 to 1 agree alike."""
    table = np.array(rows, np.float64)
    assert krippendorff_alpha((table - 1) / 3) == pytest.approx(krippendorff_alpha(table))
    assert weighted_kappa((table - 1) / 3) == pytest.approx(weighted_kappa(table))


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    """Observed mean squared distance 1/4; by chance 1/4 + 1/4 + 0, half of the pairs 1 apart: kappa 1/2."""
    assert weighted_kappa([(1, 1), (1, 2), (2, 2), (2, 2), (1, 1), (2, 1), (1, 1), (2, 2)]) == pytest.approx(0.5)


def test_judging_at_random_agrees_no_more_than_chance() -> None:
    """Both are near zero for people who throw dice."""
    table = np.random.default_rng(0).integers(1, 5, (2000, 3))
    assert krippendorff_alpha(table) == pytest.approx(0, abs=0.05)
    assert weighted_kappa(table) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("votes", "ratings"),
    [((3, 3, 1), 3), ((1, 2, 3), None), ((1, 1, 0, 0), None), ((1, 1, 1, 0), 1), ((2,), 2), ((), None)],
)
def test_more_than_half_is_a_majority(votes: tuple[float, ...], ratings: float | None) -> None:
    """A tie is none."""
    assert majority(votes) == ratings
