"""What a search may be narrowed to, in our words; each store translates them, raw engine filters never pass."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field holds one of these keywords; a point without the field does not pass."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Filter", ...]


Filter = AnyOf | All


def any_of(field: str, values: Iterable[str]) -> AnyOf:
    """Build the filter that lets pass the points whose `field` is one of `values`."""
    return AnyOf(field, frozenset(values))
