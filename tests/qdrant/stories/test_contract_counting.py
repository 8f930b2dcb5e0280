"""One contract, every store: how many posts have each value of a field, whatever was written before."""

import random
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from qdrant.attrs import AttrKind, path
from qdrant.errors import FilterRefused, NotNeeded, PointRefused
from qdrant.filters import All, Contains, Has, Near, Not, Posts, Some, any_of
from qdrant.points import WORDS, Fields, PhotoPoint
from qdrant.store import Count, Facet, FacetCounts, Standing, Store
from tests.support.points import OPEN, point
from tests.support.reference_store import ReferenceStore

PRICE, TAKEN, PLACE = (
    path(kind, name) for kind, name in ((AttrKind.NUMBER, "price"), (AttrKind.TIME, "taken"), (AttrKind.WORD, "place"))
)
WHERE = path(AttrKind.PLACE, "where")
FACETS = [
    Facet(PLACE),
    Facet(Fields.TAGS, 2),
    Facet(Fields.AUTHORS, containing="A"),
    Facet(PRICE),
    Facet(PRICE, step=2.5),
    Facet(TAKEN, step="year"),
    Facet(TAKEN, step="month"),
    Facet(TAKEN, step="day"),
]
FILTERS = [
    None,
    OPEN,
    All((OPEN, any_of(PLACE, ["Ural", "Алтай"]))),
    Some((any_of(Fields.TAGS, ["sea"]), Not(any_of(PLACE, ["Ural"])))),
    Posts(frozenset(["p1", "p3", "p5", "absent"])),
    All((OPEN, Near(WHERE, 60.0, 30.0, 1000.0))),
    Some((Contains(Fields.TEXT, "owl"), Not(Has(WORDS)))),
]


def some_point(chance: random.Random, number: int) -> PhotoPoint:
    """A post of few values, some of them two."""
    tags = chance.sample(["sea", "sun", "moon"], chance.randint(0, 3))
    attrs = {
        "place": chance.choice(["Ural", ["Ural", "Алтай"], "Karelia"]),
        "price": chance.choice([-1, 0.5, [2.5, 3], 99]),
        "taken": chance.choice(["1969-12-31T23:59:59Z", "2024-02-29", ["2024-03-01T00:30:00+03:00", "2026-01-01"]]),
        "where": {"lat": chance.choice([60.0, 61.0]), "lon": 30.0},
    }
    return point(
        f"p{number}",
        vis=chance.choice(["open", "held"]),
        child=chance.choice(["clear", "child"]),
        post={"captions": [{"text": chance.choice(["owl", "tea"]), "author": f"a{number % 3}"}], "tags": tags},
        attrs={name: attrs[name] for name in chance.sample(sorted(attrs), chance.randint(1, 4))},
        digest=str(chance.random()),
    )


def everything(number: int) -> PhotoPoint:
    """A post that has every field, so that each may be counted by."""
    attrs = {"place": "Ural", "price": 1, "taken": "2024-01-01", "where": {"lat": 60.0, "lon": 30.0}}
    return point(f"whole{number}", attrs=attrs, digest=str(number))


def live(store: Store, judge: Store, chance: random.Random) -> None:
    """Do one thing to both."""
    one = chance.randrange(9)
    match chance.choice(["write", "write", "close", "delete", "delete where", "optimize"]):
        case "write":
            points = [some_point(chance, chance.randrange(9)) for _ in range(3)]
            assert store.upsert(points) == judge.upsert(points)
        case "close":
            standing = Standing("held", "child", {"child": "child"}) if one % 2 else Standing("open", "clear", {})
            assert store.set_facts({f"p{one}": standing}) == judge.set_facts({f"p{one}": standing})
        case "delete":
            assert store.delete([f"p{one}"]) == judge.delete([f"p{one}"])
        case "delete where":
            where = All((any_of(Fields.TAGS, ["moon"]), any_of(PLACE, ["Karelia"])))
            assert store.delete_where(where) == judge.delete_where(where)
        case _:
            with suppress(NotNeeded):
                store.optimize()


@pytest.mark.parametrize("seed", range(2))
def test_counts_are_those_of_a_scan_whatever_was_written(store: Store, seed: int) -> None:
    """Posts come, change, close and go, and after each step every facet and filter gives what the judge counts."""
    chance, judge = random.Random(seed), ReferenceStore()
    for one in (store, judge):
        one.upsert([everything(0)])
    for _ in range(15):
        live(store, judge, chance)
        for wanted in FILTERS:
            assert store.tally(FACETS, wanted) == judge.tally(FACETS, wanted), wanted
            assert store.count(wanted) == judge.count(wanted)


def test_words_are_counted_the_most_frequent_first(store: Store) -> None:
    """Ties by the word, within filter and limit; how many others there are is told."""
    tags = {"a": ["Sea", "sun"], "b": ["#sea"], "c": ["sun"], "d": ["sea"]}
    store.upsert([point(post, post={"captions": [], "tags": given}) for post, given in tags.items()])
    store.upsert([point("e", vis="held", post={"captions": [], "tags": ["sun", "moon"]})])
    total, (tally,) = store.tally([Facet(Fields.TAGS)])
    assert (total, tally) == (5, FacetCounts((Count("sea", 3), Count("sun", 3), Count("moon", 1))))
    assert store.tally([Facet(Fields.TAGS, 1)], OPEN) == (4, [FacetCounts((Count("sea", 3),), others=1)])
    assert store.tally([Facet(Fields.TAGS, containing="SU")], OPEN)[1] == [FacetCounts((Count("sun", 2),))]
    assert store.tally([Facet(Fields.AUTHORS)]) == (5, [FacetCounts(())])


def test_numbers_and_times_are_counted_in_steps(store: Store) -> None:
    """Each step by where it begins, and the least and the most of all."""
    taken = ("2024-05-31T23:30:00-01:00", "2024-06-30", "2025-01-01")
    store.upsert([point(f"p{n}", attrs={"price": n - 1.5, "taken": time}) for n, time in enumerate(taken)])
    _, (prices, times, ends) = store.tally([Facet(PRICE, step=2.0), Facet(TAKEN, step="month"), Facet(TAKEN)])
    assert prices == FacetCounts((Count(-2.0, 2), Count(0.0, 1)), -1.5, 0.5)
    first, last = datetime(2024, 6, 1, 0, 30, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    assert times == FacetCounts((Count(datetime(2024, 6, 1, tzinfo=UTC), 2), Count(last, 1)), first, last)
    assert ends == FacetCounts((), first, last)


def test_too_many_steps_are_refused(store: Store, request: pytest.FixtureRequest) -> None:
    """A width that leaves a thousand of them tells nobody anything."""
    if "client-local" in request.node.name:
        pytest.skip("the client's local mode goes through all posts for each step")
    store.upsert([point(f"p{n}", attrs={"price": n / 2}) for n in range(1002)])
    with pytest.raises(FilterRefused, match="wider"):
        store.tally([Facet(PRICE, step=0.5)])
    assert len(store.tally([Facet(PRICE, step=50.0)])[1][0].counts) == 11


def test_nobody_counts_by_what_he_may_not_see(store: Store) -> None:
    """A field of withheld posts alone is as unknown as one that nobody has."""
    store.upsert([point("a", vis="held", child="child", attrs={"price": 3}), point("b")])
    for field in (PRICE, path(AttrKind.WORD, "nothing")):
        with pytest.raises(FilterRefused, match="No post has attrs"):
            store.tally([Facet(field)], OPEN, frozenset({"open"}))


def test_what_was_refused_is_not_counted(store: Store) -> None:
    """A write that fails changes no count."""
    store.upsert([point("a", attrs={"price": 3}), point("b")])
    before = store.tally([Facet(PRICE, step=1.0)], OPEN)
    with pytest.raises(PointRefused):
        store.upsert([point("c", attrs={"price": float("nan")})])
    assert store.tally([Facet(PRICE, step=1.0)], OPEN) == before
