"""The filter that a site writes, as JSON: read strictly, with the path of whatever is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qdrant.attrs import LONGEST_WORD, AttrKind, moment, nameable, path, word
from qdrant.errors import FilterRefused
from qdrant.filters import All, AnyOf, Bound, Condition, Contains, Filter, Near, Not, Range, Some
from qdrant.points import Fields, folded_tag
from qdrant.steps import Step, read_step
from qdrant.store import Order

DEEPEST, MOST_PARTS, MOST_VALUES = 8, 64, 256
FARTHEST = 20_038  # km, half of the way around
_LARGEST = 1e300

_BOUNDS = {"from": "at_least", "to": "at_most", "above": "above", "below": "below"}
_DIRECTIONS = {"asc": False, "desc": True}
_GROUPS = ("and", "or", "not")
_TESTS = ("equals", "any_of", "none_of", "near", "contains")
_HOW = (
    '{"field": "attrs.place", "equals": "Karelia"}; the tests are equals, any_of, none_of, from, to, above, below, '
    "near and contains, and filters join by and, or, not"
)


@dataclass(frozen=True, slots=True)
class _Field:
    """A field as the site calls it, and what it can be tested for."""

    name: str
    word: str | None = None
    number: str | None = None
    time: str | None = None
    place: str | None = None
    text: str | None = None


_OWN = {
    "tags": _Field("tags", word=Fields.TAGS),
    "authors": _Field("authors", word=Fields.AUTHORS),
    "text": _Field("text", text=Fields.TEXT),
    "added": _Field("added", time=Fields.ADDED),
    "changed": _Field("changed", time=Fields.CHANGED),
}


@dataclass(frozen=True, slots=True)
class Sort:
    """An order as the site calls it, by the fields that may be meant: its numbers, else its times."""

    name: str
    orders: tuple[Order, ...]


def read_sort(text: str) -> Sort:
    """Read `added`, `attrs.price:asc` and the like; the largest, or latest, come first where nothing else is said."""
    name, mark, direction = text.rpartition(":")
    if not mark or direction not in _DIRECTIONS:
        name, direction = text, "desc"
    field = _field(name, "sort")
    fields = [one for one in (field.number, field.time) if one is not None]
    if not fields:
        raise FilterRefused(f"sort: hits are put in order by numbers and times, and {field.name} is neither.")
    return Sort(field.name, tuple(Order(one, _DIRECTIONS[direction]) for one in fields))


@dataclass(frozen=True, slots=True)
class FacetWish:
    """A facet as the site calls it, and the fields that may be counted for it."""

    text: str
    name: str
    fields: tuple[str, ...]
    step: Step | None = None


def read_facet(text: str, where: str = "facets") -> FacetWish:
    """Read `tags`, `attrs.place`, `attrs.taken:year`, `attrs.price:100` and the like."""
    name, mark, last = text.rpartition(":")
    step = read_step(last) if mark else None
    field = _field(text if step is None else name, where)
    by_step = field.time if isinstance(step, str) else field.number
    fields = (field.word, field.number, field.time) if step is None else (by_step,)
    known = tuple(one for one in fields if one is not None)
    if not known:
        raise FilterRefused(f"{where}: posts cannot be counted by {text[:100]}.")
    return FacetWish(text, field.name, known, step)


def read_filter(node: Any) -> Filter:
    """Turn the site's JSON into a filter."""
    return _Reader().read(node, "$", 1)


class _Reader:
    """Counts what it reads, so that a filter stays cheap to apply."""

    def __init__(self) -> None:
        self._parts = 0

    def read(self, node: Any, where: str, depth: int) -> Filter:
        """Read a filter and all that is in it."""
        self._parts += 1
        if depth > DEEPEST or self._parts > MOST_PARTS:
            raise FilterRefused(
                f"{where}: the filter is larger than {DEEPEST} levels and {MOST_PARTS} parts: make it simpler."
            )
        if not isinstance(node, Mapping) or not node:
            raise FilterRefused(f"{where} is no filter: write one like {_HOW}.")
        groups = [name for name in _GROUPS if name in node]
        if not groups:
            return _condition(node, where)
        if len(node) > 1:
            raise FilterRefused(f"{where} has more beside `{groups[0]}`: put it into a filter of its own.")
        name = groups[0]
        if name == "not":
            return Not(self.read(node["not"], f"{where}.not", depth + 1))
        parts = node[name]
        if not isinstance(parts, list) or not parts:
            raise FilterRefused(f"{where}.{name} must be a list of one filter or more.")
        read = tuple(self.read(part, f"{where}.{name}[{index}]", depth + 1) for index, part in enumerate(parts))
        return All(read) if name == "and" else Some(read)


def _condition(node: Mapping[str, Any], where: str) -> Filter:
    strange = node.keys() - {"field", *_TESTS, *_BOUNDS}
    if strange:
        raise FilterRefused(f"{where}.{sorted(map(str, strange))[0][:40]} is unknown: write a filter like {_HOW}.")
    field = _field(node.get("field"), f"{where}.field")
    tests = [name for name in _TESTS if name in node]
    bounds = [name for name in _BOUNDS if name in node]
    if len(tests) + bool(bounds) != 1:
        raise FilterRefused(f"{where} must have one test beside `field`: write a filter like {_HOW}.")
    if bounds:
        return _range(field, {name: node[name] for name in bounds}, where)
    name, value = tests[0], node[tests[0]]
    return _READ[name](field, value, f"{where}.{name}")


def _field(name: Any, where: str) -> _Field:
    if isinstance(name, str) and name in _OWN:
        return _OWN[name]
    own = isinstance(name, str) and name.startswith("attrs.") and name.removeprefix("attrs.")
    if not own or not nameable(own):
        raise FilterRefused(f"{where} must be one of {', '.join(_OWN)}, or `attrs.` and the name of a field of yours.")
    kinds = {kind.value: path(kind, own) for kind in (AttrKind.WORD, AttrKind.NUMBER, AttrKind.TIME, AttrKind.PLACE)}
    return _Field(str(name), **kinds)


def _equals(field: _Field, value: Any, where: str) -> Filter:
    return AnyOf(_able(field.word, field, where), frozenset([_word(field, value, where)]))


def _any_of(field: _Field, values: Any, where: str) -> AnyOf:
    if not isinstance(values, list) or not 0 < len(values) <= MOST_VALUES:
        raise FilterRefused(f"{where} must be a list of 1 to {MOST_VALUES} values.")
    words = [_word(field, value, f"{where}[{index}]") for index, value in enumerate(values)]
    return AnyOf(_able(field.word, field, where), frozenset(words))


def _none_of(field: _Field, values: Any, where: str) -> Filter:
    return Not(_any_of(field, values, where))


def _near(field: _Field, value: Any, where: str) -> Condition:
    target = _able(field.place, field, where)
    match value:
        case {"lat": lat, "lon": lon, "km": km, **rest} if not rest:
            lat, lon, km = _number(lat, f"{where}.lat"), _number(lon, f"{where}.lon"), _number(km, f"{where}.km")
            if abs(lat) <= 90 and abs(lon) <= 180 and 0 < km <= FARTHEST:
                return Near(target, lat, lon, km * 1000)
    raise FilterRefused(f'{where} must be like {{"lat": 61.8, "lon": 34.4, "km": 5}}.')


def _contains(field: _Field, value: Any, where: str) -> Condition:
    text = _able(field.text, field, where)
    if not isinstance(value, str) or len(value) > LONGEST_WORD or not any(sign.isalnum() for sign in _clean(value)):
        raise FilterRefused(f"{where} must be words, up to {LONGEST_WORD} characters.")
    return Contains(text, value)


def _range(field: _Field, bounds: Mapping[str, Any], where: str) -> Condition:
    read = {name: _bound(value, f"{where}.{name}") for name, value in bounds.items()}
    times = [not isinstance(bound, float) for bound in read.values()]
    if any(times) and not all(times):
        raise FilterRefused(f"{where}: the bounds must all be numbers, or all times.")
    target = _able(field.time if all(times) else field.number, field, where)
    return Range(target, **{_BOUNDS[name]: bound for name, bound in read.items()})


def _bound(value: Any, where: str) -> Bound:
    time = moment(value) if isinstance(value, str) else None
    return time or _number(value, where)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise FilterRefused(f"{where} must be a number, or a time such as 2026-01-31T12:00:00Z.")
    return float(value)


def _word(field: _Field, value: Any, where: str) -> str:
    if not isinstance(value, str | int | float) or (not isinstance(value, str) and not abs(value) < _LARGEST):
        raise FilterRefused(f"{where} must be a string, a number, true or false.")
    text = _clean(word(value))
    if len(text) > LONGEST_WORD:
        raise FilterRefused(f"{where} is longer than {LONGEST_WORD} characters, and so are no indexed values.")
    return folded_tag(text) if field.word == Fields.TAGS else text


def _clean(text: str) -> str:
    """Lone surrogates are in no stored text, and no engine takes them."""
    return text.encode(errors="replace").decode()


def _able(target: str | None, field: _Field, where: str) -> str:
    if target is None:
        raise FilterRefused(f"{where}: {field.name} cannot be tested so.")
    return target


_READ = {"equals": _equals, "any_of": _any_of, "none_of": _none_of, "near": _near, "contains": _contains}
