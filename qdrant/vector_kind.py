"""Kinds of dense vectors: how those of a kind are compared, and to whom one belongs. A new kind is one more value."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from common.arrays import Bool, Float64


class Measure(StrEnum):
    """How vectors are compared, and so what one has to be: distributions by L1, directions by cosine."""

    L1 = "l1"
    COSINE = "cosine"

    @property
    def larger(self) -> bool:
        """Whether a larger score is better."""
        return self is Measure.COSINE

    def reaches(self, scores: Float64, cutoff: float) -> Bool:
        """Which scores are as good as the last that counts."""
        return scores >= cutoff if self.larger else scores <= cutoff


class Owner(StrEnum):
    """To what vectors belong: those of a model go when another takes its place, those of an encoder outlive models."""

    MODEL = "model"
    ENCODER = "encoder"


@dataclass(frozen=True, slots=True)
class VectorKind:
    """A kind of vectors that points may have; `prefix` begins the names of its vectors, where it is not the name."""

    name: str
    measure: Measure
    owner: Owner = Owner.ENCODER
    prefix: str = ""

    def of(self, owner: str) -> "NamedVector":
        """Name the vector of this kind that belongs to a model or an encoder."""
        return NamedVector(self, owner)


class NamedVector(NamedTuple):
    """A dense vector that points may have: its kind, and the id of the model or encoder that it belongs to."""

    kind: VectorKind
    owner: str

    @property
    def name(self) -> str:
        """What engines call it."""
        return f"{self.kind.prefix or self.kind.name + '_'}{self.owner}"


THETA = VectorKind("theta", Measure.L1, Owner.MODEL)
ALIGNED = VectorKind("aligned", Measure.COSINE, Owner.MODEL)
DUAL = VectorKind("dual", Measure.COSINE, prefix="foreign_")  # stores have had them under this name from the start
