"""Columns: the outlines of points in arrays that grow, so that no hit is unpacked twice while it stays the same."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from common.arrays import Bool, Float64, Index, Int64, UInt64
from qdrant.edge.grown import grown
from qdrant.engine.about import About
from qdrant.engine.protocol import ArmKeys
from qdrant.outline import Outlines, OwnWords, counts_at

T = TypeVar("T", bound=np.generic)
Found = tuple[Outlines, list[Index]]  # one table, and each ranking as rows of it: -1 for what is gone
Outlined = tuple[Sequence[bytes], Outlines]  # keys of who is there, and they in outline
Read = Callable[[Mapping[bytes, int]], Outlined]  # by key and version
_ROOM = 1024  # rows, and words, that arrays begin with
_WORTH = 1 << 20  # words of rows that were replaced, before those that are left are moved together


class Columns:
    """Keeps outlines by the engine's key and version of each point; any write to a point gives it a new version.

    `sizes` are the vectors, by name, that an outline has; `model` is the one whose vectors are searched.
    """

    def __init__(self, sizes: Mapping[str, int], model: str | None) -> None:
        self.sizes, self.model = dict(sizes), model
        self._rows: dict[bytes, int] = {}  # by key
        self._ids: list[str] = []
        self._versions = np.zeros(_ROOM, np.int64)
        self._vectors = {name: np.zeros((_ROOM, size), np.float32) for name, size in sizes.items()}
        self._words = _Words()
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def words_held(self) -> int:
        """How many words take room, those of points that were replaced too."""
        return self._words.held

    def find(self, rankings: Sequence[ArmKeys], read: Read) -> Found:
        """Give the outlines of points that were ranked; `read` reads those that are not known in their versions."""
        keys = [key for ranking in rankings for key in ranking.keys.tolist()]
        versions = np.concatenate([ranking.versions for ranking in rankings])
        with self._turn:
            rows, known = self._known(keys, versions)
            if known.all():
                return self._found(rows, rankings)
        missing = {keys[row]: int(versions[row]) for row in np.flatnonzero(~known)}
        there = self._learn(missing, read)
        with self._turn:
            rows = self._rows_of(keys)
            rows[[key in missing and key not in there for key in keys]] = -1  # removed meanwhile
            return self._found(rows, rankings)

    def learn(self, versions: Mapping[bytes, int], read: Read) -> None:
        """Read those that are not known in their versions before anybody asks for them."""
        keys = list(versions)
        with self._turn:
            _, known = self._known(keys, np.fromiter(versions.values(), np.int64))
        if missing := {keys[row]: versions[keys[row]] for row in np.flatnonzero(~known)}:
            self._learn(missing, read)

    def _learn(self, missing: Mapping[bytes, int], read: Read) -> set[bytes]:
        """Read points; tells which of them are there."""
        there, outlines = read(missing)
        with self._turn:
            # A write in between gives newer content under an older version: the next hit has the newer, and asks.
            self._put({key: missing[key] for key in there}, outlines)
        return set(there)

    def _known(self, keys: Sequence[bytes], versions: Int64) -> tuple[Index, Bool]:
        rows = self._rows_of(keys)
        return rows, (rows >= 0) & (self._versions[rows] == versions)

    def _rows_of(self, keys: Sequence[bytes]) -> Index:
        row = self._rows.get
        return np.array([row(key, -1) for key in keys], np.intp)

    def _found(self, rows: Index, rankings: Sequence[ArmKeys]) -> Found:
        """A table of some rows, each once."""
        once, places = np.unique(rows, return_inverse=True)
        gone = int(np.searchsorted(once, 0))  # they come first, as -1
        ends = np.cumsum([len(ranking) for ranking in rankings])[:-1]
        return self._take(once[gone:]), np.split(places - gone, ends)

    def _take(self, rows: Index) -> Outlines:
        vectors = {name: matrix[rows] for name, matrix in self._vectors.items()}
        return Outlines([self._ids[row] for row in rows.tolist()], self._words.take(rows), vectors, self.model)

    def _put(self, versions: Mapping[bytes, int], outlines: Outlines) -> None:
        rows = np.array([self._row(key, post) for key, post in zip(versions, outlines.ids, strict=True)], np.intp)
        self._versions = grown(self._versions, len(self._ids))
        self._versions[rows] = list(versions.values())
        for name, matrix in self._vectors.items():
            self._vectors[name] = larger = grown(matrix, len(self._ids))
            larger[rows] = outlines.vectors.get(name, np.nan)
        self._words.put(rows, outlines.words)

    def _row(self, key: bytes, post: str) -> int:
        row = self._rows.setdefault(key, len(self._ids))
        if row == len(self._ids):
            self._ids.append(post)
        return row


class CurrentColumns:
    """The columns of the vectors that are searched now: those of other vectors go when they are."""

    def __init__(self) -> None:
        self._columns = Columns({}, None)

    def of(self, about: About, model: str | None) -> Columns:
        """Those with the vectors of a model."""
        columns = self._columns
        if (columns.model, columns.sizes) != (model, about.sizes_with(model)):
            columns = self._columns = Columns(about.sizes_with(model), model)
        return columns

    def forget(self) -> None:
        """Let go of all of them."""
        self._columns = Columns({}, None)


class _Words:
    """The words of rows: those that replace others stand at the end, until there is much to move together."""

    def __init__(self) -> None:
        self._keys: UInt64 = np.zeros(_ROOM, np.uint64)
        self._counts: Float64 = np.zeros(_ROOM)
        self._starts: Index = np.zeros(_ROOM, np.intp)
        self._lengths: Index = np.zeros(_ROOM, np.intp)
        self._used = self._left = 0

    @property
    def held(self) -> int:
        """How many words take room."""
        return self._used

    def take(self, rows: Index) -> OwnWords:
        """The words of some rows, in their order."""
        return counts_at(self._keys, self._counts, self._starts[rows], self._lengths[rows])

    def put(self, rows: Index, words: OwnWords) -> None:
        """Set the words of some rows."""
        if not len(rows):
            return
        self._starts, self._lengths = (grown(one, int(rows.max()) + 1) for one in (self._starts, self._lengths))
        self._left += int(self._lengths[rows].sum())
        self._append(words)
        self._lengths[rows] = np.diff(words.ends, prepend=0)
        self._starts[rows] = self._used - len(words.keys) + words.ends - self._lengths[rows]
        if self._left > max(_WORTH, self._used // 2):
            everything = np.arange(len(self._starts))
            kept = self.take(everything)
            self._used = self._left = 0
            self._append(kept)
            self._starts = kept.ends - self._lengths

    def _append(self, words: OwnWords) -> None:
        used = self._used + len(words.keys)
        self._keys, self._counts = grown(self._keys, used), grown(self._counts, used)
        self._keys[self._used : used], self._counts[self._used : used] = words.keys, words.counts
        self._used = used
