"""What points are filtered, counted and compared by, in arrays: read once, kept current by every write.

The engine counts by the words of a field too, but goes through all words for it: half a second among 100,000 posts. And
it compares a question with every topic of every post, holding Python's lock for milliseconds.
"""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import numpy as np

from common.arrays import Bool, Bytes, Float32, Int64
from qdrant.attrs import AttrKind, values_of
from qdrant.edge.field_column import FieldColumn
from qdrant.edge.grown import grown
from qdrant.edge.shares import Shares
from qdrant.engine.protocol import KEY, ArmKeys, batches
from qdrant.errors import StoreError
from qdrant.filters import All, AnyOf, Filter, Given, Not, Posts, Range, Some, conditions
from qdrant.points import kind_of, point_id
from qdrant.store import Facet, FacetCounts

_ROOM = 1024
_WORTH = 65_536  # rows of posts that were replaced or removed, before those that are left move together
_SOON = 4096  # posts that are read while somebody waits; more are read behind, and the engine answers meanwhile
_AGAIN = 3  # questions of one kind, before so much is read for them
_REST = 0.05  # seconds
_MASKS = 64
T = TypeVar("T")


class Content(NamedTuple):
    """What a point holds of some fields and vectors."""

    key: UUID
    fields: Mapping[str, Any]
    vectors: Mapping[str, Any]


class PointReader(NamedTuple):
    """How an engine is read: all points, or some, with some fields and vectors; and those that pass a filter."""

    scan: Callable[[Sequence[str], Sequence[str]], Iterator[list[Content]]]
    read: Callable[[Sequence[UUID], Sequence[str], Sequence[str]], list[Content]]
    passing: Callable[[Filter], Iterable[UUID]]
    size: Callable[[], int]


class Values:
    """Counts posts by their fields, and finds the nearest.

    A post that is written anew gets a new row, and its old one is dead: so a row is a version of a post.
    """

    def __init__(self, reader: PointReader) -> None:
        self._reader = reader
        self._rows: dict[UUID, int] = {}
        self._alive, self._keys, self._versions = _room()
        self._last = secrets.randbits(20) << 42  # another process may have counted from 0 as well
        self._used = 0
        self._columns: dict[str, FieldColumn] = {}
        self._shares: dict[str, Shares] = {}
        self._masks: dict[Filter | None, Bool] = {}
        self._missed: set[UUID] | None = None  # what is written while columns are read
        self._asked: dict[tuple[str, ...], int] = {}
        self._turn = threading.RLock()
        self._reading = threading.Lock()
        self._behind: threading.Thread | None = None
        self._closed = False
        self._hurried = 0  # who waits for columns now

    def put(self, points: Iterable[Content]) -> None:
        """Take over what was written whole."""
        with self._turn:
            self._masks.clear()
            for point in points:
                if self._missed is not None:
                    self._missed.add(point.key)
                if self._columns or self._shares:
                    self._replace(point)
            self._tidy()

    def renew(self, keys: Collection[UUID]) -> None:
        """Take over what was changed of points."""
        with self._turn:
            if self._missed is not None:
                self._missed.update(keys)
            if self._columns or self._shares:
                self._renew(keys)
                self._tidy()

    def erase(self, keys: Iterable[UUID]) -> None:
        """Forget posts."""
        with self._turn:
            self._masks.clear()
            for key in keys:
                if self._missed is not None:
                    self._missed.add(key)
                self._bury(key)

    def drop(self, vector: str) -> None:
        """Forget the vectors of a name."""
        with self._turn:
            self._shares.pop(vector, None)
            self._missed = None  # whoever reads it now begins anew

    def forget(self) -> None:
        """Forget everything: the next count reads it anew."""
        with self._turn:
            self._rows, self._columns, self._shares, self._masks, self._used = {}, {}, {}, {}, 0
            self._alive, self._keys, self._versions = _room()  # others: who looks for the nearest now reads the old
            self._missed = None

    def close(self) -> None:
        """Read no more."""
        self._closed = True
        if self._behind is not None:
            self._behind.join()

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
            self._read(sorted(fields), {})
            with self._turn:
                if fields <= self._columns.keys():
                    passing = self._passing(wanted)
                    tallies = [self._columns[facet.field].tally(facet, passing) for facet in facets]
                    return int(passing.sum()), tallies

    def nearest(self, vector: str, query: Float32, limit: int, wanted: Filter | None) -> ArmKeys | None:
        """The points that pass whose vectors, which sum to 1, are nearest; None where the engine has to say."""
        if not _is_told(wanted):
            return None
        fields = sorted({one.field for one in conditions(wanted)})
        self._prepare(fields, {vector: len(query)})
        if vector not in self._shares:  # nobody who is answered by the engine waits for whoever reads behind
            return None
        with self._turn:
            shares = self._shares.get(vector)
            if shares is None or not self._columns.keys() >= set(fields):
                return None
            passing = self._kept(wanted)
            shares.reach(self._used)
            keys, versions = self._keys, self._versions
        rows, far = shares.nearest(query, limit, passing)
        return ArmKeys(keys[rows], far.astype(np.float64), versions[rows])

    def read_ahead(self, fields: Sequence[str], vectors: Mapping[str, int]) -> None:
        """Read columns before anybody asks, behind whoever does meanwhile, and as soon as they can be read."""
        with self._turn:
            self._begin(fields, vectors, gently=False)

    def versions(self, keys: Sequence[UUID]) -> list[int] | None:
        """The versions of points, 0 of one that is not there; None while nobody looks for the nearest here."""
        if not self._shares:
            return None
        with self._turn:
            rows = map(self._rows.get, keys)
            return [0 if row is None else int(self._versions[row]) for row in rows]

    def all_versions(self) -> tuple[Bytes, Int64] | None:
        """Every point that is there, with its version; None while nobody looks for the nearest here."""
        with self._turn:
            alive = np.flatnonzero(self._alive[: self._used])
            return (self._keys[alive], self._versions[alive]) if self._shares else None

    def _prepare(self, fields: Sequence[str], vectors: Mapping[str, int]) -> None:
        """Read what is missing: at once where that is soon done, else behind, once it is asked for again and again."""
        if vectors.keys() <= self._shares.keys() and self._columns.keys() >= set(fields):
            return
        if self._reader.size() <= _SOON:
            self._read(fields, vectors)
            return
        with self._turn:
            kind = (*fields, *vectors)
            self._asked[kind] = self._asked.get(kind, 0) + 1
            if self._asked[kind] >= _AGAIN:
                self._asked.clear()
                self._begin(fields, vectors, gently=True)

    def _begin(self, fields: Sequence[str], vectors: Mapping[str, int], *, gently: bool) -> None:
        if self._closed or (self._behind is not None and self._behind.is_alive()):
            return
        self._behind = threading.Thread(target=self._read_behind, args=(fields, vectors, gently), daemon=True)
        self._behind.start()

    def _read_behind(self, fields: Sequence[str], vectors: Mapping[str, int], gently: bool) -> None:
        with suppress(StoreError):  # the engine says that to whoever asks it
            self._read(fields, vectors, gently=gently)

    def _read(self, fields: Sequence[str], vectors: Mapping[str, int], *, gently: bool = False) -> None:
        """Read columns that are missing; writes go on meanwhile, and what was written is read again at the end."""
        with self._hurry(gently=gently), self._reading:
            with self._turn:
                room = self._reader.size()
                columns = {field: FieldColumn(field) for field in fields if field not in self._columns}
                shares = {name: Shares(size, room) for name, size in vectors.items() if name not in self._shares}
                if not columns and not shares:
                    return
                missed = self._missed = set()
            try:
                for part in self._paused(self._reader.scan(list(columns), list(shares))):
                    with self._turn:
                        if self._missed is not missed or self._closed:  # everything was forgotten meanwhile
                            return
                        self._take([point for point in part if point.key not in missed], columns, shares)
                with self._turn:
                    if self._missed is missed:
                        self._columns |= columns
                        self._shares |= shares
                        self._renew(missed)
            finally:
                with self._turn:
                    if self._missed is missed:
                        self._missed = None

    @contextmanager
    def _hurry(self, *, gently: bool) -> Iterator[None]:
        """Whoever waits for columns, even behind somebody who reads gently, has them as soon as they can be read."""
        with self._turn:
            self._hurried += not gently
        try:
            yield
        finally:
            with self._turn:
                self._hurried -= not gently

    def _paused(self, parts: Iterator[T]) -> Iterator[T]:
        """Rest as long as each part takes, unless somebody waits, so that whoever asks is answered in between."""
        began = time.perf_counter()
        for part in parts:
            yield part
            if not self._hurried:
                time.sleep(min(time.perf_counter() - began, _REST))
            began = time.perf_counter()

    def _take(
        self, points: Sequence[Content], columns: Mapping[str, FieldColumn], shares: Mapping[str, Shares]
    ) -> None:
        """Add what was read to columns that nobody looks into yet."""
        rows = [self._row(point.key) for point in points]
        for row, point in zip(rows, points, strict=True):
            for field, column in columns.items():
                column.add(row, values_of(point.fields, field))
        for name, of_name in shares.items():
            own = {row: point.vectors[name] for row, point in zip(rows, points, strict=True) if name in point.vectors}
            if own:
                of_name.put(np.array(list(own), np.intp), np.array(list(own.values()), np.float32))

    def _renew(self, keys: Collection[UUID]) -> None:
        """Read points again that were written; those that are not there any more were removed."""
        self._masks.clear()
        for some in batches(keys):
            there = {point.key: point for point in self._reader.read(some, list(self._columns), list(self._shares))}
            for key in some:
                self._bury(key)
                if key in there:
                    self._replace(there[key])

    def _replace(self, point: Content) -> None:
        self._bury(point.key)
        row = self._row(point.key)
        for field, column in self._columns.items():
            column.add(row, values_of(point.fields, field))
        for name, shares in self._shares.items():
            if name in point.vectors:
                shares.put(np.array([row]), np.asarray(point.vectors[name], np.float32)[None])

    def _row(self, key: UUID) -> int:
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._used
            self._used += 1
            self._alive, self._keys = grown(self._alive, self._used), grown(self._keys, self._used)
            self._versions = grown(self._versions, self._used)
            self._alive[row], self._versions[row] = True, self._next_version()
            self._keys[row] = key.bytes
        return row

    def _next_version(self) -> int:
        self._last += 1
        return self._last

    def _bury(self, key: UUID) -> None:
        row = self._rows.pop(key, None)
        if row is not None:
            self._alive[row] = False

    def _tidy(self) -> None:
        """Move the rows of posts that are there together, once most of the others are not worth their room.

        Not while columns are read that nobody knows yet: theirs would stay where they were.
        """
        if self._missed is not None or self._used - len(self._rows) <= max(_WORTH, len(self._rows)):
            return
        alive = self._alive[: self._used]
        rows, kept = np.cumsum(alive) - 1, np.flatnonzero(alive)
        for column in self._columns.values():
            column.keep(alive, rows)
        # Whoever looks for the nearest meanwhile goes on with what there was.
        self._shares = {name: shares.kept(kept) for name, shares in self._shares.items()}
        self._keys, self._versions = self._keys[kept], self._versions[kept]
        self._rows = {key: int(rows[row]) for key, row in self._rows.items()}
        self._used = len(self._rows)
        self._alive = np.ones(self._used, bool)

    def _kept(self, wanted: Filter | None) -> Bool:
        """Who passes: the same filters come again and again, and nothing changes between two writes."""
        if wanted not in self._masks:
            if len(self._masks) >= _MASKS:
                self._masks.clear()
            self._masks[wanted] = self._passing(wanted)
        return self._masks[wanted]

    def _passing(self, wanted: Filter | None) -> Bool:
        return self._mask(wanted) & self._alive[: self._used]

    def _mask(self, wanted: Filter | None) -> Bool:
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
                return self._of(self._reader.passing(wanted))

    def _of(self, keys: Iterable[UUID]) -> Bool:
        mask = np.zeros(self._used, bool)
        mask[[row for key in keys if (row := self._rows.get(key)) is not None]] = True
        return mask


def _room() -> tuple[Bool, Bytes, Int64]:
    return np.zeros(_ROOM, bool), np.zeros(_ROOM, KEY), np.zeros(_ROOM, np.int64)


def _told(condition: Filter) -> bool:
    """Whether a column tells who passes."""
    return isinstance(condition, AnyOf | Range) or (isinstance(condition, Given) and kind_of(condition.field) in _KINDS)


def _is_told(wanted: Filter | None) -> bool:
    """Whether columns alone tell who passes a filter."""
    match wanted:
        case None | Posts():
            return True
        case All(parts) | Some(parts):
            return all(map(_is_told, parts))
        case Not(part):
            return _is_told(part)
        case _:
            return _told(wanted)


_KINDS = (AttrKind.WORD, AttrKind.NUMBER, AttrKind.TIME)
