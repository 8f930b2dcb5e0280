"""What a store says of itself: the format of its points, its vectors, and the fields it can be filtered by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qdrant.attrs import AttrKind, path
from qdrant.vector_kind import ALIGNED, DUAL, THETA, Measure, NamedVector, Owner, VectorKind

FORMAT = 3
_WITHOUT_KINDS = 2  # each of the three kinds that there were had a table of its own


@dataclass(frozen=True, slots=True)
class About:
    """The dense vectors that points may have and their sizes, the model that is searched, the indexes of the site."""

    vectors: Mapping[NamedVector, int] = field(default_factory=dict)
    active: str | None = None
    attrs: frozenset[tuple[AttrKind, str]] = frozenset()

    @property
    def paths(self) -> dict[str, str]:
        """Payload fields of the site's own fields, and what the site calls them."""
        return {path(kind, name): f"attrs.{name}" for kind, name in self.attrs}

    @property
    def names(self) -> list[str]:
        """What engines call the vectors."""
        return [vector.name for vector in self.vectors]

    @property
    def models(self) -> list[str]:
        """The models that own vectors here."""
        return list(dict.fromkeys(vector.owner for vector in self.vectors if vector.kind.owner is Owner.MODEL))

    def sizes(self, kind: VectorKind) -> dict[str, int]:
        """How long the vectors of a kind are, by owner."""
        return {vector.owner: size for vector, size in self.vectors.items() if vector.kind == kind}

    def names_with(self, model: str | None) -> list[str]:
        """The vectors that are read of a point, by name: those of one model, and those that belong to none."""
        return [vector.name for vector in self.vectors if vector.kind.owner is not Owner.MODEL or vector.owner == model]

    def of_models(self, *models: str | None) -> list[NamedVector]:
        """The vectors that belong to some models."""
        return [vector for vector in self.vectors if vector.kind.owner is Owner.MODEL and vector.owner in models]

    def with_vector(self, vector: NamedVector, size: int) -> "About":
        """The same, with a further vector."""
        return replace(self, vectors={**self.vectors, vector: size})

    def without(self, *gone: NamedVector) -> "About":
        """The same, with some vectors less."""
        return replace(self, vectors={vector: size for vector, size in self.vectors.items() if vector not in gone})

    def pack(self) -> dict[str, Any]:
        """Turn it into plain values."""
        return {
            "format": FORMAT,
            "active": self.active,
            "vectors": [_packed(vector, size) for vector, size in self.vectors.items()],
            "attrs": sorted([kind.value, name] for kind, name in self.attrs),
        }


def unpack(packed: Any) -> About:
    """Read plain values; ValueError when they are not whole, OtherFormat when they are of another format."""
    match packed:
        case {"format": format_} if format_ not in (_WITHOUT_KINDS, FORMAT):
            raise OtherFormat(f"format {format_!r}, this version reads {_WITHOUT_KINDS} and {FORMAT}")
        case {"vectors": list(vectors), "active": None | str() as active, "attrs": list(attrs)}:
            known = dict(map(_unpacked, vectors))
        case {"models": dict(models), "active": None | str() as active, "attrs": list(attrs)}:
            tables = ((THETA, models), (ALIGNED, packed.get("aligned")), (DUAL, packed.get("foreign")))
            known = {kind.of(owner): size for kind, table in tables for owner, size in (table or {}).items()}
        case _:
            raise ValueError("it is not whole")
    return About(known, active, frozenset((AttrKind(kind), name) for kind, name in attrs))


def _packed(vector: NamedVector, size: int) -> dict[str, Any]:
    kind, owner = vector
    return {
        "kind": kind.name,
        "measure": kind.measure.value,
        "owner": kind.owner.value,
        "prefix": kind.prefix,
        "id": owner,
        "size": size,
    }


def _unpacked(packed: Mapping[str, Any]) -> tuple[NamedVector, int]:
    kind = VectorKind(packed["kind"], Measure(packed["measure"]), Owner(packed["owner"]), packed["prefix"])
    return kind.of(packed["id"]), packed["size"]


class OtherFormat(Exception):
    """A store was written by another version."""
