"""What a store says of itself: the format of its points, its models, and the fields it can be filtered by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from qdrant.attrs import AttrKind, path
from qdrant.points import aligned_name, foreign_name, theta_name

FORMAT = 2


class Measure(StrEnum):
    """How the vectors of a name are compared."""

    L1 = "l1"
    COSINE = "cosine"


class Dense(NamedTuple):
    """A dense vector that points may have."""

    size: int
    measure: Measure


@dataclass(frozen=True, slots=True)
class About:
    """The models that the store holds thetas of, the one that is searched, and the site's own fields with an index.

    `models` tells how long their thetas are, `aligned` how long the vectors of those that place photos among texts,
    `foreign` how long those of dual encoders are.
    """

    models: Mapping[str, int] = field(default_factory=dict)
    active: str | None = None
    aligned: Mapping[str, int] = field(default_factory=dict)
    foreign: Mapping[str, int] = field(default_factory=dict)
    attrs: frozenset[tuple[AttrKind, str]] = frozenset()

    @property
    def paths(self) -> dict[str, str]:
        """Payload fields of the site's own fields, and what the site calls them."""
        return {path(kind, name): f"attrs.{name}" for kind, name in self.attrs}

    @property
    def vectors(self) -> dict[str, Dense]:
        """Every dense vector that points may have, by name."""
        of_models = {name: dense for model in self.models for name, dense in self.vectors_of(model).items()}
        return {**of_models, **self._of_others}

    def vectors_with(self, model: str | None) -> dict[str, Dense]:
        """The dense vectors that are read of a point: those of one model, and those that belong to none."""
        return {**self.vectors_of(model), **self._of_others}

    @property
    def _of_others(self) -> dict[str, Dense]:
        return {foreign_name(encoder): Dense(size, Measure.COSINE) for encoder, size in self.foreign.items()}

    def vectors_of(self, model: str | None) -> dict[str, Dense]:
        """The dense vectors of one model; none of one that the store does not hold."""
        if model is None or model not in self.models:
            return {}
        of_model = {theta_name(model): Dense(self.models[model], Measure.L1)}
        if model in self.aligned:
            of_model[aligned_name(model)] = Dense(self.aligned[model], Measure.COSINE)
        return of_model

    def with_model(self, model: str, topics: int, aligned: int = 0) -> "About":
        """The same, with a further model."""
        places = {**self.aligned, model: aligned} if aligned else self.aligned
        return replace(self, models={**self.models, model: topics}, aligned=places)

    def with_foreign(self, encoder: str, size: int) -> "About":
        """The same, with a further dual encoder."""
        return replace(self, foreign={**self.foreign, encoder: size})

    def without(self, *gone: str) -> "About":
        """The same, with some models or dual encoders less."""
        models, aligned, foreign = (
            {name: size for name, size in of.items() if name not in gone}
            for of in (self.models, self.aligned, self.foreign)
        )
        return replace(self, models=models, aligned=aligned, foreign=foreign)

    def pack(self) -> dict[str, Any]:
        """Turn it into plain values."""
        attrs = sorted([kind.value, name] for kind, name in self.attrs)
        return {
            "format": FORMAT,
            "models": dict(self.models),
            "active": self.active,
            "aligned": dict(self.aligned),
            "foreign": dict(self.foreign),
            "attrs": attrs,
        }


def unpack(packed: Any) -> About:
    """Read plain values; ValueError when they are not whole, OtherFormat when they are of another format."""
    match packed:
        case {"format": format_} if format_ != FORMAT:
            raise OtherFormat(f"format {format_!r}, this version reads {FORMAT}")
        case {"models": dict(models), "active": None | str() as active, "attrs": list(attrs)}:
            aligned, foreign = (dict(packed.get(name) or {}) for name in ("aligned", "foreign"))
            return About(models, active, aligned, foreign, frozenset((AttrKind(kind), name) for kind, name in attrs))
    raise ValueError("it is not whole")


class OtherFormat(Exception):
    """A store was written by another version."""
