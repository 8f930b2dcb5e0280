"""What a search may be narrowed to, in our words; each store translates them, raw engine filters never pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

Bound = float | datetime


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field holds one of these keywords; a point without the field does not pass."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Range:
    """The field holds a number, or a time, within these bounds; one that is None is open."""

    field: str
    at_least: Bound | None = None
    at_most: Bound | None = None
    above: Bound | None = None
    below: Bound | None = None

    @property
    def bounds(self) -> list[Bound]:
        """The bounds that are given."""
        return [bound for bound in (self.at_least, self.at_most, self.above, self.below) if bound is not None]


@dataclass(frozen=True, slots=True)
class Near:
    """The field holds a place that is at most so many metres away."""

    field: str
    lat: float
    lon: float
    metres: float


@dataclass(frozen=True, slots=True)
class Contains:
    """The field holds every word of the text, whole and in any case of letters."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """The point has the field, whatever it holds."""

    field: str


@dataclass(frozen=True, slots=True)
class Posts:
    """The point is that of one of these posts."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Has:
    """The point has a vector of this name."""

    vector: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; a point without its field passes."""

    part: "Filter"


Condition = AnyOf | Range | Near | Contains | Given
Filter = Condition | Posts | Has | All | Some | Not


def any_of(field: str, values: Iterable[str]) -> AnyOf:
    """Build the filter that lets pass the points whose `field` is one of `values`."""
    return AnyOf(field, frozenset(values))


def both(one: Filter | None, other: Filter | None) -> Filter | None:
    """Let pass what both let pass; None lets everything pass."""
    if one is None or other is None:
        return one or other
    return All((one, other))


def words_in(wanted: Filter | None) -> list[str]:
    """Give the words that a filter asks for."""
    words: list[str] = []
    for condition in conditions(wanted):
        match condition:
            case AnyOf(_, values):
                words += sorted(values)
            case Contains(_, text):
                words.append(text)
    return words


def conditions(wanted: Filter | None) -> Iterator[Condition]:
    """Go through the conditions that a filter is made of."""
    match wanted:
        case None | Posts() | Has():
            return
        case All(parts) | Some(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)
        case _:
            yield wanted
