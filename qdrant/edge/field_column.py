"""The values of one field, in arrays: words as numbers of a list, numbers as they are, times in microseconds."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.arrays import Bool, Index
from qdrant.attrs import AttrKind
from qdrant.edge.grown import grown
from qdrant.filters import Bound, Range
from qdrant.points import kind_of
from qdrant.steps import steps_of
from qdrant.store import Count, Facet, FacetCounts

_ROOM = 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FieldColumn:
    """The values of one field: words as numbers of a list, numbers as they are, times in microseconds."""

    def __init__(self, field: str) -> None:
        self.kind = kind_of(field)
        self._rows: Index = np.zeros(_ROOM, np.intp)
        self._values: NDArray[Any] = np.zeros(_ROOM, np.float64 if self.kind is AttrKind.NUMBER else np.int64)
        self._used = 0
        self._codes: dict[str, int] = {}
        self._words: list[str] = []
        self._several = False  # whether a post has more values than one

    def add(self, row: int, values: Sequence[Any]) -> None:
        """Add the values of a row."""
        used = self._used + len(values)
        if used > len(self._rows):
            self._rows, self._values = grown(self._rows, used), grown(self._values, used)
        for at, value in enumerate(dict.fromkeys(values), self._used):
            self._rows[at], self._values[at] = row, self._as_number(value)
            self._used += 1
        self._several |= len(values) > 1

    def keep(self, alive: Bool, rows: Index) -> None:
        """Keep the values of rows that live, under the numbers that these have from now on."""
        own = alive[self._rows[: self._used]]
        kept = rows[self._rows[: self._used][own]]
        self._values[: len(kept)] = self._values[: self._used][own]
        self._rows[: len(kept)] = kept
        self._used = len(kept)

    def holding(self, words: Iterable[str], size: int) -> Bool:
        """The rows that hold one of some words."""
        known = np.zeros(len(self._words) + 1, bool)
        known[[self._codes[word] for word in words if word in self._codes]] = True
        return self._marked(known[self._values[: self._used].astype(np.intp)], size)

    def within(self, wanted: Range, size: int) -> Bool:
        """The rows that hold a number, or a time, within bounds."""
        values = self._values[: self._used]
        inside = np.ones(len(values), bool)
        for bound, compare in (
            (wanted.at_least, np.greater_equal),
            (wanted.at_most, np.less_equal),
            (wanted.above, np.greater),
            (wanted.below, np.less),
        ):
            if bound is not None:
                inside &= compare(values, _number(bound))
        return self._marked(inside, size)

    def given(self, size: int) -> Bool:
        """The rows that hold anything."""
        return self._marked(np.ones(self._used, bool), size)

    def tally(self, facet: Facet, passing: Bool) -> FacetCounts:
        """Count rows by what they hold."""
        rows = self._rows[: self._used]
        of = passing[rows]
        values, rows = self._values[: self._used][of], rows[of]
        if self.kind is AttrKind.WORD:
            return self._by_words(facet, values)
        if not len(values):
            return FacetCounts(())
        least, most = (self._as_value(value) for value in (values.min(), values.max()))
        if facet.step is None:
            return FacetCounts((), least, most)
        places = steps_of(values if self.kind is AttrKind.NUMBER else values.astype("M8[us]"), facet.step)
        if self._several:
            pairs = np.unique(np.stack([rows, places]), axis=1)
            places = pairs[1]
        found, counts = np.unique(places, return_counts=True)
        return FacetCounts.in_steps(facet, zip(found.tolist(), counts.tolist(), strict=True), least, most)

    def _by_words(self, facet: Facet, codes: NDArray[Any]) -> FacetCounts:
        counts = np.bincount(codes, minlength=len(self._words))
        (there,) = np.nonzero(counts)
        if facet.containing:
            part = facet.containing.casefold()
            there = np.array([code for code in there.tolist() if part in self._words[code].casefold()], np.intp)
        some = there
        if len(there) > facet.limit:
            bar = -np.partition(-counts[there], facet.limit - 1)[facet.limit - 1]
            some = there[counts[there] >= bar]
        first = nsmallest(facet.limit, ((-int(counts[code]), self._words[code]) for code in some.tolist()))
        return FacetCounts(tuple(Count(word, -count) for count, word in first), others=len(there) - len(first))

    def _marked(self, entries: Bool, size: int) -> Bool:
        mask = np.zeros(size, bool)
        mask[self._rows[: self._used][entries]] = True
        return mask

    def _as_number(self, value: Any) -> float | int:
        if self.kind is AttrKind.WORD:
            if value not in self._codes:
                self._codes[value] = len(self._words)
                self._words.append(value)
            return self._codes[value]
        return _number(datetime.fromisoformat(value) if isinstance(value, str) else float(value))

    def _as_value(self, value: Any) -> Bound:
        return float(value) if self.kind is AttrKind.NUMBER else _time(int(value))


def _number(value: Bound) -> float | int:
    if isinstance(value, datetime):
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return value


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
