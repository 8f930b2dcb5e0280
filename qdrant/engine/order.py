"""The posts in the order of a field, page by page: equals by the point's id, at the end those that lack the field."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from qdrant.attrs import value_of
from qdrant.engine.protocol import Engine, Listed
from qdrant.filters import Filter, Given, Not, Range, both
from qdrant.points import point_id
from qdrant.store import Order, OrderedPost, Value

_VALUE: Callable[[OrderedPost], Any] = attrgetter("value")
_LAST = (1 << 128) - 1


def positions(
    engine: Engine, order: Order, wanted: Filter | None, limit: int, after: OrderedPost | None = None
) -> list[OrderedPost]:
    """The next posts of an order, behind one of them; whether that one still stands there does not matter."""
    return list(islice(_Run(engine, order, wanted, limit).behind(after), limit))


class _Run:
    """One pass through an order. A post with several values stands where its first one in that order is."""

    def __init__(self, engine: Engine, order: Order, wanted: Filter | None, limit: int) -> None:
        self._engine, self._order, self._wanted, self._limit = engine, order, wanted, limit
        self._first: Callable[..., Any] = max if order.descending else min

    def behind(self, after: OrderedPost | None) -> Iterator[OrderedPost]:
        """Those behind a position: its equals, then what follows, then what lacks the field."""
        value = None if after is None else after.value
        lacking = both(self._wanted, Not(Given(self._order.field)))
        if after is not None and value is None:
            yield from self._lacking(lacking, after.id)
            return
        if after is not None and value is not None:
            yield from self._equals(value, after.id)
        yield from self._following(value)
        yield from self._lacking(lacking, None)

    def _lacking(self, wanted: Filter | None, behind: str | None) -> Iterator[OrderedPost]:
        return (OrderedPost(None, one.id) for one in self._by_id(wanted, behind))

    def _following(self, value: Value | None) -> Iterator[OrderedPost]:
        """Those whose value comes behind; of the last ones that are read, others may be equals: they are read by id."""
        wanted = self._wanted if value is None else both(self._wanted, self._beyond(value))
        depth = self._limit + 1
        while True:
            listed = self._engine.listed_by_value(wanted, self._order, value, depth)
            own = {one.id: self._value(one) for one in listed}
            mine = [post for post, its in own.items() if value is None or self._is_behind(its, value)]
            found = [OrderedPost(own[post], post) for post in mine]
            whole = len(listed) < depth
            if whole or len(found) > self._limit:
                break
            depth *= 4
        last = found[-1].value if found and not whole else None
        yield from self._in_order([one for one in found if last is None or one.value != last])
        if last is not None:
            yield from self._equals(last, None)
            yield from self._following(last)

    def _equals(self, value: Value, behind: str | None) -> Iterator[OrderedPost]:
        equal = both(self._wanted, Range(self._order.field, at_least=value, at_most=value))
        own = (OrderedPost(self._value(one), one.id) for one in self._by_id(equal, behind))
        yield from (one for one in own if one.value == value)

    def _by_id(self, wanted: Filter | None, behind: str | None) -> Iterator[Listed]:
        after = -1 if behind is None else point_id(behind).int
        while after < _LAST:
            listed = self._engine.listed_by_id(wanted, self._order.field, UUID(int=after + 1), self._limit)
            yield from listed
            if len(listed) < self._limit:
                return
            after = point_id(listed[-1].id).int

    def _value(self, one: Listed) -> Any:
        return self._first(map(value_of, one.values))

    def _is_behind(self, one: Any, other: Any) -> bool:
        return bool(one < other if self._order.descending else one > other)

    def _beyond(self, value: Any) -> Filter:
        return Range(self._order.field, **{"below" if self._order.descending else "above": value})

    def _in_order(self, found: Sequence[OrderedPost]) -> list[OrderedPost]:
        by_id = sorted(found, key=lambda one: point_id(one.id).int)
        return sorted(by_id, key=_VALUE, reverse=self._order.descending)
