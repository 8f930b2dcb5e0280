"""One contract, every store: posts in the order of a field, page by page."""

from datetime import UTC, datetime

import numpy as np
import pytest

from qdrant.attrs import AttrKind, path
from qdrant.errors import FilterRefused
from qdrant.filters import Filter, Posts, any_of
from qdrant.points import Fields
from qdrant.store import Order, OrderedPost, Store
from tests.support.points import OPEN, point
from tests.support.reference_store import ReferenceStore

PRICE, TAKEN, PLACE = (
    path(kind, name) for kind, name in ((AttrKind.NUMBER, "price"), (AttrKind.TIME, "taken"), (AttrKind.WORD, "place"))
)


def shop(count: int = 60) -> list:
    """Posts of which many have the same price, some two, some none."""
    rng = np.random.default_rng(7)
    prices: list = [[1.5], [3], [3, 9], [9, 1], [4], None]
    posts = []
    for number in range(count):
        price = prices[rng.integers(len(prices))]
        taken = {"taken": f"20{20 + number % 4}-01-0{1 + number % 5}T10:00:00.5Z"} if number % 7 else {}
        attrs = {"place": "Ural", **({"price": price} if price else {}), **taken}
        posts.append(point(f"p{number}", vis="open" if number % 5 else "held", attrs=attrs))
    return posts


def pages(store: Store, order: Order, size: int, where: Filter = OPEN) -> list[OrderedPost]:
    """All of an order, a page at a time."""
    run: list[OrderedPost] = []
    while page := store.positions(order, size, where, after=run[-1] if run else None):
        run += page
    return run


@pytest.mark.parametrize("field", [PRICE, TAKEN, Fields.ADDED])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_of_an_order_are_all_of_it_once(store: Store, field: str, descending: bool) -> None:
    """Whatever their size; equals by the point's id, at the end what lacks the field: as the judge has it."""
    judge = ReferenceStore()
    for one in (store, judge):
        one.upsert(shop())
    order = Order(field, descending)
    expected = [one.id for one in judge.positions(order, 100, OPEN)]
    assert len(expected) == 48
    for size in (1, 4, 100) if field == PRICE else (7,):
        assert [one.id for one in pages(store, order, size)] == expected


def test_the_newest_is_the_last_that_came(store: Store) -> None:
    """Posts of one batch are in the order of its lines, and a post that is written again stays where it was."""
    store.upsert([point("a"), point("c")])
    store.upsert([point("b", digest="1"), point("d")])
    store.upsert([point("a", digest="2")])
    assert [one.id for one in store.positions(Order(Fields.ADDED), 9)] == ["d", "b", "c", "a"]
    assert [one.id for one in store.positions(Order(Fields.ADDED, descending=False), 2)] == ["a", "c"]


def test_a_page_goes_on_behind_a_post_that_is_gone(store: Store) -> None:
    """And what comes in meanwhile stands where it belongs: before the position or behind it."""
    store.upsert([point(f"p{number}", attrs={"price": number}) for number in range(6)])
    (*_, last) = store.positions(Order(PRICE), 3)
    assert last == OrderedPost(3.0, "p3")
    store.delete(["p3"])
    store.upsert([point("dearest", attrs={"price": 99}), point("cheap", attrs={"price": 0.5})])
    assert [one.id for one in store.positions(Order(PRICE), 9, after=last)] == ["p2", "p1", "cheap", "p0"]


def test_an_order_is_narrowed(store: Store) -> None:
    """To posts that are named, or by any filter."""
    store.upsert(shop(12))
    named = Posts(frozenset(["p1", "p2", "p9", "absent"]))
    assert {one.id for one in store.positions(Order(PRICE), 9, named)} == {"p1", "p2", "p9"}
    assert store.positions(Order(PRICE), 9, any_of(PLACE, ["Atlantis"])) == []


def test_times_come_back_as_times(store: Store) -> None:
    """So that a position can be kept, and looked up again."""
    store.upsert([point("a", attrs={"taken": "2024-05-01T12:00:00+03:00"})])
    assert store.positions(Order(TAKEN), 1) == [OrderedPost(datetime(2024, 5, 1, 9, tzinfo=UTC), "a")]


def test_nobody_sorts_by_what_he_may_not_see(store: Store) -> None:
    """A field of withheld posts alone is as unknown as one that nobody has."""
    store.upsert([point("a", vis="held", child="child", attrs={"price": 3}), point("b")])
    for field in (PRICE, path(AttrKind.NUMBER, "nothing")):
        with pytest.raises(FilterRefused, match="No post has attrs"):
            store.positions(Order(field), 9, OPEN, frozenset({"open"}))
