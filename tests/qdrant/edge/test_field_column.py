"""The values of one field: words, numbers and times, each found and counted as what it is."""

from datetime import UTC, datetime

import numpy as np
import pytest

from qdrant.edge.field_column import FieldColumn
from qdrant.filters import Range
from qdrant.store import Facet


def column(field: str, *rows: list) -> FieldColumn:
    of = FieldColumn(field)
    for row, values in enumerate(rows):
        of.add(row, values)
    return of


def test_words_are_found_in_rows_that_hold_several() -> None:
    """A row holds any number of them; one that nobody has is in none."""
    tags = column("tags", ["sea", "sun"], [], ["sun", "sun"], ["snow"])
    assert tags.holding(["sun", "kite"], 4).tolist() == [True, False, True, False]
    assert tags.holding(["kite"], 4).tolist() == [False] * 4
    assert tags.given(5).tolist() == [True, False, True, True, False]


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (Range("", at_least=2), [False, True, True]),
        (Range("", above=2, at_most=10), [False, False, True]),
        (Range("", below=1.5), [True, False, False]),
    ],
)
def test_numbers_lie_within_bounds(wanted: Range, rows: list[bool]) -> None:
    """A bound counts itself or does not, as it says."""
    assert column("typed.number.price", [1.5, -3], [2], [10]).within(wanted, 3).tolist() == rows


def test_times_are_compared_as_moments() -> None:
    """Whatever their zone, to the microsecond."""
    times = column("typed.time.taken", ["2026-05-01T12:00:00+03:00"], ["2026-05-01T09:00:00.000001+00:00"])
    noon = datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert times.within(Range("", at_most=noon), 2).tolist() == [True, False]


def test_rows_that_are_kept_hold_what_they_held() -> None:
    """Under their new numbers, and those that went count for nothing."""
    tags = column("tags", ["sea"], ["sun", "snow"], ["sun"])
    tags.keep(np.array([False, True, True]), np.array([-1, 0, 1]))
    counts = tags.tally(Facet("tags", 10), np.ones(2, bool))
    assert list(map(tuple, counts.counts)) == [("sun", 2), ("snow", 1)]
