"""The values of fields, post by post, in arrays: read once, kept current by every write, counted in a millisecond.

The engine counts by the words of a field too, but goes through all words for it: half a second among 100,000 posts.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from heapq import nsmallest
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from common.arrays import Index
from qdrant.attrs import AttrKind, values_of
from qdrant.filters import All, AnyOf, Bound, Filter, Given, Not, Posts, Range, Some, conditions
from qdrant.points import kind_of, point_id
from qdrant.steps import steps_of
from qdrant.store import Count, Facet, FacetCounts

T = TypeVar("T", bound=np.generic)
Mask = NDArray[np.bool_]
Fields = Mapping[str, Any]  # some fields of a payload
Scan = Callable[[Sequence[str]], Iterator[tuple[UUID, Fields]]]
_ROOM = 1024
_WORTH = 65_536  # rows of posts that were replaced or removed, before those that are left move together
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Values:
    """Counts posts by their fields. A post that is written anew gets a new row, and its old one is dead.

    `scan` reads some fields of all posts; `keys` names those that pass what no column tells: places, texts, vectors.
    """

    def __init__(self, scan: Scan, keys: Callable[[Filter], Iterable[UUID]]) -> None:
        self._scan, self._keys = scan, keys
        self._rows: dict[UUID, int] = {}
        self._alive: Mask = np.zeros(_ROOM, bool)
        self._used = 0
        self._columns: dict[str, _Column] = {}
        self._missed: dict[UUID, Fields | None] | None = None  # what is written while columns are read
        self._turn = threading.RLock()
        self._reading = threading.Lock()

    @property
    def fields(self) -> list[str]:
        """The fields that have a column."""
        with self._turn:
            return list(self._columns)

    def put(self, points: Iterable[tuple[UUID, Fields]]) -> None:
        """Take over what was written."""
        with self._turn:
            for key, fields in points:
                if self._missed is not None:
                    self._missed[key] = fields
                if self._columns:
                    self._replace(key, fields)
            self._tidy()

    def erase(self, keys: Iterable[UUID]) -> None:
        """Forget posts."""
        with self._turn:
            for key in keys:
                if self._missed is not None:
                    self._missed[key] = None
                self._bury(key)

    def forget(self) -> None:
        """Forget everything: the next count reads it anew."""
        with self._turn:
            self._rows, self._columns, self._used = {}, {}, 0
            self._alive[:] = False
            self._missed = None

    def count(self, wanted: Filter | None) -> int | None:
        """Count posts, where that needs no more than the columns that there are."""
        with self._turn:
            needed = {condition.field for condition in conditions(wanted) if _told(condition)}
            if not self._columns or not needed <= self._columns.keys():
                return None
            return int(self._passing(wanted).sum())

    def tally(self, facets: Sequence[Facet], wanted: Filter | None) -> tuple[int, list[FacetCounts]]:
        """Count the posts that pass, and by each facet."""
        fields = {facet.field for facet in facets} | {one.field for one in conditions(wanted) if _told(one)}
        while True:
            self._read(sorted(fields))
            with self._turn:
                if fields <= self._columns.keys():
                    passing = self._passing(wanted)
                    tallies = [self._columns[facet.field].tally(facet, passing) for facet in facets]
                    return int(passing.sum()), tallies

    def _read(self, fields: Sequence[str]) -> None:
        """Read columns that are missing; writes go on meanwhile, and are taken over at the end."""
        with self._reading:
            with self._turn:
                missing = [field for field in fields if field not in self._columns]
                if not missing:
                    return
                missed = self._missed = {}
            columns = {field: _Column(field) for field in missing}
            read = [(key, fields) for key, fields in self._scan(missing)]
            with self._turn:
                if self._missed is not missed:  # everything was forgotten meanwhile
                    return
                self._missed = None
                for key, values in read:
                    row = self._row(key)
                    for field, column in columns.items():
                        column.add(row, values_of(values, field))
                self._columns |= columns
                for key, fields_now in missed.items():
                    self._bury(key)
                    if fields_now is not None:
                        self._replace(key, fields_now)

    def _replace(self, key: UUID, fields: Fields) -> None:
        self._bury(key)
        row = self._row(key)
        for field, column in self._columns.items():
            column.add(row, values_of(fields, field))

    def _row(self, key: UUID) -> int:
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._used
            self._alive = _grown(self._alive, row + 1)
            self._alive[row] = True
            self._used += 1
        return row

    def _bury(self, key: UUID) -> None:
        row = self._rows.pop(key, None)
        if row is not None:
            self._alive[row] = False

    def _tidy(self) -> None:
        """Move the rows of posts that are there together, once most of the others are not worth their room."""
        if self._used - len(self._rows) <= max(_WORTH, len(self._rows)):
            return
        alive = self._alive[: self._used]
        rows = np.cumsum(alive) - 1
        for column in self._columns.values():
            column.keep(alive, rows)
        self._rows = {key: int(rows[row]) for key, row in self._rows.items()}
        self._used = len(self._rows)
        self._alive[:] = False
        self._alive[: self._used] = True

    def _passing(self, wanted: Filter | None) -> Mask:
        return self._mask(wanted) & self._alive[: self._used]

    def _mask(self, wanted: Filter | None) -> Mask:
        match wanted:
            case None:
                return np.ones(self._used, bool)
            case All(parts):
                return reduce(np.logical_and, map(self._mask, parts), np.ones(self._used, bool))
            case Some(parts):
                return reduce(np.logical_or, map(self._mask, parts), np.zeros(self._used, bool))
            case Not(part):
                return ~self._mask(part)
            case AnyOf(field, values):
                return self._columns[field].holding(values, self._used)
            case Range(field):
                return self._columns[field].within(wanted, self._used)
            case Given(field) if _told(wanted):
                return self._columns[field].given(self._used)
            case Posts(ids):
                return self._of(map(point_id, ids))
            case _:
                return self._of(self._keys(wanted))

    def _of(self, keys: Iterable[UUID]) -> Mask:
        mask = np.zeros(self._used, bool)
        mask[[row for key in keys if (row := self._rows.get(key)) is not None]] = True
        return mask


class _Column:
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
            self._rows, self._values = _grown(self._rows, used), _grown(self._values, used)
        for at, value in enumerate(dict.fromkeys(values), self._used):
            self._rows[at], self._values[at] = row, self._as_number(value)
            self._used += 1
        self._several |= len(values) > 1

    def keep(self, alive: Mask, rows: Index) -> None:
        """Keep the values of rows that live, under the numbers that these have from now on."""
        own = alive[self._rows[: self._used]]
        kept = rows[self._rows[: self._used][own]]
        self._values[: len(kept)] = self._values[: self._used][own]
        self._rows[: len(kept)] = kept
        self._used = len(kept)

    def holding(self, words: Iterable[str], size: int) -> Mask:
        """The rows that hold one of some words."""
        known = np.zeros(len(self._words) + 1, bool)
        known[[self._codes[word] for word in words if word in self._codes]] = True
        return self._marked(known[self._values[: self._used].astype(np.intp)], size)

    def within(self, wanted: Range, size: int) -> Mask:
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

    def given(self, size: int) -> Mask:
        """The rows that hold anything."""
        return self._marked(np.ones(self._used, bool), size)

    def tally(self, facet: Facet, passing: Mask) -> FacetCounts:
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

    def _marked(self, entries: Mask, size: int) -> Mask:
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


def _told(condition: Filter) -> bool:
    """Whether a column tells who passes."""
    return isinstance(condition, AnyOf | Range) or (isinstance(condition, Given) and kind_of(condition.field) in _KINDS)


_KINDS = (AttrKind.WORD, AttrKind.NUMBER, AttrKind.TIME)


def _number(value: Bound) -> float | int:
    if isinstance(value, datetime):
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return value


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _grown(array: NDArray[T], least: int) -> NDArray[T]:
    if len(array) >= least:
        return array
    larger = np.zeros(max(least, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    return larger
