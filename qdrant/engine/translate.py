"""Our filters in an engine's words: both engines group conditions in the same way and only name them differently."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from qdrant.attrs import stamp
from qdrant.filters import All, AnyOf, Contains, Filter, Given, Has, Near, Not, Posts, Range, Some
from qdrant.points import point_id

Condition = Any


class Words(NamedTuple):
    """How an engine says each condition; bounds are named gte, lte, gt and lt, and times are RFC 3339."""

    equals: Callable[[str, str], Condition]
    any_of: Callable[[str, list[str]], Condition]
    numbers: Callable[[str, Mapping[str, float]], Condition]
    times: Callable[[str, Mapping[str, str]], Condition]
    near: Callable[[Near], Condition]
    contains: Callable[[str, str], Condition]
    points: Callable[[list[UUID]], Condition]
    has: Callable[[str], Condition]
    empty: Callable[[str], Condition]
    group: Callable[..., Condition]  # must, should, must_not: a list of conditions each


def translate(wanted: Filter | None, words: Words) -> Any:
    """Say a filter in an engine's words; nothing stays nothing.

    Engines are slow to look into groups and lists of values: what must hold is laid flat, one value is compared as one,
    and the first choice of several values becomes the group that one of must hold.
    """
    if wanted is None:
        return None
    must: list[Condition] = []
    should: list[Condition] | None = None
    for part in _flat(wanted):
        if should is None and isinstance(part, AnyOf) and len(part.values) > 1:
            should = [words.equals(part.field, value) for value in sorted(part.values)]
        else:
            must.append(_condition(part, words))
    return words.group(must=must, should=should)


def _flat(wanted: Filter) -> Iterator[Filter]:
    if isinstance(wanted, All):
        for part in wanted.parts:
            yield from _flat(part)
    else:
        yield wanted


def _condition(wanted: Filter, words: Words) -> Condition:
    match wanted:
        case AnyOf(field, values) if len(values) == 1:
            return words.equals(field, *values)
        case AnyOf(field, values):
            return words.any_of(field, sorted(values))
        case Range():
            return _range(wanted, words)
        case Near():
            return words.near(wanted)
        case Contains(field, text):
            return words.contains(field, text)
        case Posts(ids):
            return words.points(sorted(map(point_id, ids)))
        case Given(field):
            return words.group(must_not=[words.empty(field)])
        case Has(vector):
            return words.has(vector)
        case All(parts):
            return words.group(must=[_condition(part, words) for part in parts])
        case Some(parts):  # engines let everything pass where no part is given
            return words.group(should=[_condition(part, words) for part in parts] or [words.points([])])
        case Not(part):
            return words.group(must_not=[_condition(part, words)])


def _range(wanted: Range, words: Words) -> Condition:
    named = {"gte": wanted.at_least, "lte": wanted.at_most, "gt": wanted.above, "lt": wanted.below}
    times = {name: stamp(bound) for name, bound in named.items() if isinstance(bound, datetime)}
    if times:
        return words.times(wanted.field, times)
    return words.numbers(wanted.field, {name: bound for name, bound in named.items() if isinstance(bound, int | float)})
