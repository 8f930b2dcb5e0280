"""What a store says of itself: the format of its points, its models, and the fields it can be filtered by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qdrant.attrs import Kind, path

FORMAT = 2


@dataclass(frozen=True, slots=True)
class About:
    """The models that the store holds thetas of, the one that is searched, and the site's own fields with an index."""

    models: Mapping[str, int] = field(default_factory=dict)
    active: str | None = None
    attrs: frozenset[tuple[Kind, str]] = frozenset()

    @property
    def paths(self) -> dict[str, str]:
        """Payload fields of the site's own fields, and what the site calls them."""
        return {path(kind, name): f"attrs.{name}" for kind, name in self.attrs}

    def with_model(self, model: str, topics: int) -> "About":
        """The same, with a further model."""
        return replace(self, models={**self.models, model: topics})

    def pack(self) -> dict[str, Any]:
        """Turn it into plain values."""
        attrs = sorted([kind.value, name] for kind, name in self.attrs)
        return {"format": FORMAT, "models": dict(self.models), "active": self.active, "attrs": attrs}


def unpack(packed: Any) -> About:
    """Read plain values; ValueError when they are not whole, OtherFormat when they are of another format."""
    match packed:
        case {"format": format_} if format_ != FORMAT:
            raise OtherFormat(f"format {format_!r}, this version reads {FORMAT}")
        case {"models": dict(models), "active": None | str() as active, "attrs": list(attrs)}:
            return About(models, active, frozenset((Kind(kind), name) for kind, name in attrs))
    raise ValueError("it is not whole")


class OtherFormat(Exception):
    """A store was written by another version."""
