"""What a store says of itself: the format of its points, its vectors, and the fields it can be filtered by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qdrant.attrs import AttrKind, path
from qdrant.vector_kind import ALIGNED, DUAL, THETA, Measure, NamedVector, Owner, VectorKind

SiteField = tuple[AttrKind, str]
BEFORE_AUDIENCES = "?"  # stands for the audiences of a field in a record that says nothing of them
FORMAT = 4
_READ = (2, 3, FORMAT)  # in 2 each of the three kinds that there were had a table of its own; 3 knew no audiences
FORMER = (1, *_READ[:-1])  # what `photosense upgrade` brings forward; 1 knew neither tables nor fields of the site


@dataclass(frozen=True, slots=True)
class About:
    """The dense vectors that points may have and their sizes, the model that is searched, the indexes of the site.

    `attrs` are the site's own fields that have an index, and the audiences that see posts with each.
    """

    vectors: Mapping[NamedVector, int] = field(default_factory=dict)
    active: str | None = None
    attrs: Mapping[SiteField, frozenset[str]] = field(default_factory=dict)

    def knows(self, field_path: str, audience: frozenset[str] | None) -> bool:
        """Whether a payload field is one of the site's that these audiences may filter by; None: all of them."""
        of = next((of for one, of in self.attrs.items() if path(*one) == field_path), frozenset())
        return bool(of if audience is None else of & audience)

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

    def sizes_with(self, model: str | None) -> dict[str, int]:
        """How long those are, by name."""
        names = set(self.names_with(model))
        return {vector.name: size for vector, size in self.vectors.items() if vector.name in names}

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
            "attrs": sorted([kind.value, name, sorted(of)] for (kind, name), of in self.attrs.items()),
        }


def unpack(packed: Any, *, former: bool = False) -> About:
    """Read plain values; ValueError when they are not whole, OtherFormat when they are of another format.

    With `former` they are read whatever format they had.
    """
    match packed:
        case {"format": format_} if format_ not in _READ and not (former and format_ in FORMER):
            raise OtherFormat(format_)
        case {"format": 1, "models": dict(models), "active": None | str() as active}:
            return About({THETA.of(owner): size for owner, size in models.items()}, active)
        case {"vectors": list(vectors), "active": None | str() as active, "attrs": list(attrs)}:
            known = dict(map(_unpacked, vectors))
        case {"models": dict(models), "active": None | str() as active, "attrs": list(attrs)}:
            tables = ((THETA, models), (ALIGNED, packed.get("aligned")), (DUAL, packed.get("foreign")))
            known = {kind.of(owner): size for kind, table in tables for owner, size in (table or {}).items()}
        case _:
            raise ValueError("it is not whole")
    return About(known, active, dict(map(_unpacked_field, attrs)))


def _unpacked_field(packed: Sequence[Any]) -> tuple[SiteField, frozenset[str]]:
    kind, name, of = packed if len(packed) == 3 else (*packed, (BEFORE_AUDIENCES,))
    return (AttrKind(kind), name), frozenset(of)


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

    def __init__(self, other: object) -> None:
        super().__init__(f"format {other!r}, this version reads {_READ[0]} to {FORMAT}")
        self.is_former = other in FORMER
