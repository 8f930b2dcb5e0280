"""Outlines: what the ordering needs of points, in arrays; what else they hold is read of the few that are shown."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from common.arrays import Bool, Float32, Float64, Index, UInt64
from qdrant.points import Fields, StoredPoint
from qdrant.vector_kind import ALIGNED, THETA, VectorKind

# What is read of a point for its outline, beside its vectors.
OUTLINED = (Fields.ID, f"{Fields.DOCUMENT}.text", f"{Fields.DOCUMENT}.tag")


@lru_cache(maxsize=500_000)
def word_key(token: str) -> int:
    """Number a word so that no two words share a number, as they may in the sparse vector."""
    return int.from_bytes(hashlib.blake2b(token.encode(errors="surrogatepass"), digest_size=8).digest())


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The words of points, counted: those of one behind those of the other; `ends` is where they end."""

    keys: UInt64
    counts: Float64
    ends: Index

    @classmethod
    def of(cls, words: Sequence[Mapping[str, float]]) -> "OwnWords":
        """Number the words of points."""
        keys = [word_key(word) for counts in words for word in counts]
        counts = [count for counts in words for count in counts.values()]
        return cls(np.array(keys, np.uint64), np.array(counts), np.cumsum([len(one) for one in words], dtype=np.intp))

    def of_words(self, words: Sequence[str]) -> Float64:
        """How often each point says each word: points x words."""
        counts = np.zeros((len(self.ends), len(words)))
        for column, word in enumerate(words):
            (at,) = (self.keys == word_key(word)).nonzero()
            counts[self.ends.searchsorted(at, side="right"), column] = self.counts[at]
        return counts

    def shares(self, words: Sequence[str]) -> Float64:
        """The share that each word has in what each point says, points x words; NaN for a point that says nothing."""
        sums = np.concatenate([[0.0], np.cumsum(self.counts)])
        totals = np.diff(sums[self.ends], prepend=0.0)[:, None]
        shares: Float64 = np.full((len(totals), len(words)), np.nan)
        np.divide(self.of_words(words), totals, where=totals > 0, out=shares)
        return shares

    def holding(self, words: Collection[str]) -> Bool:
        """Which points have one of some words."""
        held = np.zeros(len(self.keys), bool)
        for word in words:  # so few that a set of them is slower
            held |= self.keys == word_key(word)
        rows = np.zeros(len(self.ends), bool)
        rows[self.ends.searchsorted(held.nonzero()[0], side="right")] = True
        return rows

    def take(self, rows: Index) -> "OwnWords":
        """The words of some points, in their order."""
        starts = np.concatenate([[0], self.ends[:-1]])[rows]
        return counts_at(self.keys, self.counts, starts, self.ends[rows] - starts)


def counts_at(keys: UInt64, counts: Float64, starts: Index, lengths: Index) -> OwnWords:
    """Put together words that stand apart: those of each point begin and end somewhere."""
    ends = lengths.cumsum(dtype=np.intp)
    at = np.arange(ends[-1] if len(ends) else 0) + (starts - (ends - lengths)).repeat(lengths)
    return OwnWords(keys[at], counts[at], ends)


@dataclass(frozen=True, slots=True)
class Outlines:
    """What the ordering needs of points, a row a point: their ids, their vectors by name, their words.

    A point without a vector has NaN there. `model` is the one whose vectors are searched.
    """

    ids: Sequence[str]
    words: OwnWords
    vectors: Mapping[str, Float32] = field(default_factory=dict)
    model: str | None = None

    @classmethod
    def of(cls, points: Sequence[StoredPoint], model: str | None) -> "Outlines":
        """Those of points that were read whole."""
        sizes = {name: len(vector) for point in points for name, vector in point.vectors.items()}
        vectors = {name: vectors_of(points, name, size) for name, size in sizes.items()}
        return cls([point.id for point in points], OwnWords.of([point.words for point in points]), vectors, model)

    def vector(self, kind: VectorKind, owner: str = "") -> Float32 | None:
        """The vectors of a kind, a row a point: of the encoder that is named, or of the model that is searched."""
        return self.vectors.get(kind.of(owner or self.model or "").name)

    def take(self, rows: Index) -> "Outlines":
        """Those of some points, in their order."""
        vectors = {name: matrix[rows] for name, matrix in self.vectors.items()}
        return Outlines([self.ids[row] for row in rows], self.words.take(rows), vectors, self.model)

    def __iter__(self) -> "Iterator[Outline]":
        return (Outline(self, row) for row in range(len(self.ids)))


def vectors_of(points: Sequence[StoredPoint], name: str, size: int) -> Float32:
    """The vectors of one name, a row a point; NaN where a point has none."""
    matrix = np.full((len(points), size), np.nan, np.float32)
    for row, point in enumerate(points):
        vector = point.vectors.get(name)
        if vector is not None:
            matrix[row] = vector
    return matrix


class Outline(NamedTuple):
    """What the ordering needs of one point: a row of several."""

    of: Outlines
    row: int

    @property
    def id(self) -> str:
        """The host's id of the post."""
        return self.of.ids[self.row]

    def vector(self, kind: VectorKind, owner: str = "") -> Float32 | None:
        """Its vector of a kind: of the encoder that is named, or of the model that is searched."""
        vectors = self.of.vector(kind, owner)
        return None if vectors is None or np.isnan(vectors[self.row, 0]) else vectors[self.row]

    @property
    def theta(self) -> Float32 | None:
        """The shares of the topics in it."""
        return self.vector(THETA)

    @property
    def aligned(self) -> Float32 | None:
        """Its embedding among photos and texts."""
        return self.vector(ALIGNED)
