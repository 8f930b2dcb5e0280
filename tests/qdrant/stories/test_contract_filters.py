"""One contract, every store: what the site may narrow a search to."""

import pytest

from qdrant.errors import FilterRefused
from qdrant.filters import All, Not, Posts, Some, any_of
from qdrant.grammar import read_filter
from qdrant.store import Facet, Search, Standing, Store
from tests.support.points import ids, point

POSTS = {
    "lake": {"place": "Карелия", "price": 10, "taken": "2026-01-05T12:00:00Z", "where": {"lat": 61.8, "lon": 34.4}},
    "hill": {"place": ["Ural", "Урал"], "price": 2.5, "taken": "2026-03-01", "sold": True, "a.b c": "x"},
    "town": {"place": "Karelia", "price": [1, 99], "sold": False, "where": [{"lat": 61.79, "lon": 34.35}]},
    "void": {},
}
CAPTIONS = {"lake": "Тихий ЗАКАТ, two boats", "hill": "Закаты и boats", "town": "two-storey", "void": ""}


@pytest.fixture
def stocked(store: Store) -> Store:
    store.upsert(
        [
            point(
                post,
                words={"sea": 1.0},
                attrs=attrs,
                post={"captions": [{"text": CAPTIONS[post], "author": f"by {post}"}], "tags": [f"#{post.upper()}"]},
            )
            for post, attrs in POSTS.items()
        ]
    )
    return store


CASES = [
    ({"field": "attrs.place", "equals": "Карелия"}, "lake"),
    ({"field": "attrs.place", "equals": "карелия"}, ""),
    ({"field": "attrs.place", "any_of": ["Урал", "Karelia"]}, "hill town"),
    ({"field": "attrs.place", "none_of": ["Урал", "Karelia"]}, "lake void"),
    ({"field": "attrs.a.b c", "equals": "x"}, "hill"),
    ({"field": "attrs.sold", "equals": True}, "hill"),
    ({"field": "attrs.sold", "equals": False}, "town"),
    ({"field": "attrs.price", "equals": 10}, "lake"),
    ({"field": "attrs.price", "equals": 10.0}, "lake"),
    ({"field": "attrs.price", "equals": "2.5"}, "hill"),
    ({"field": "attrs.price", "from": 2.5, "to": 10}, "lake hill"),
    ({"field": "attrs.price", "above": 2.5}, "lake town"),
    ({"field": "attrs.price", "above": 2.5, "below": 10}, ""),
    ({"field": "attrs.taken", "from": "2026-01-05T14:30:00+02:30"}, "lake hill"),
    ({"field": "attrs.taken", "above": "2026-01-05T12:00:00Z"}, "hill"),
    ({"field": "attrs.taken", "from": "2026-03-01", "to": "2026-03-01"}, "hill"),
    ({"field": "attrs.where", "near": {"lat": 61.8, "lon": 34.4, "km": 1}}, "lake"),
    ({"field": "attrs.where", "near": {"lat": 61.8, "lon": 34.4, "km": 5}}, "lake town"),
    ({"field": "tags", "equals": "Lake"}, "lake"),
    ({"field": "tags", "any_of": ["#hill", "void"]}, "hill void"),
    ({"field": "authors", "equals": "by town"}, "town"),
    ({"field": "added", "from": "2020-01-01"}, "lake hill town void"),
    ({"field": "changed", "below": "2020-01-01"}, ""),
    ({"and": [{"field": "attrs.price", "from": 1}, {"field": "attrs.place", "equals": "Урал"}]}, "hill"),
    ({"or": [{"field": "attrs.sold", "equals": True}, {"field": "tags", "equals": "void"}]}, "hill void"),
    ({"not": {"field": "attrs.price", "from": 0}}, "void"),
    ({"not": {"not": {"field": "attrs.price", "from": 0}}}, "lake hill town"),
    ({"and": [{"or": [{"field": "attrs.price", "to": 3}]}, {"not": {"field": "tags", "equals": "hill"}}]}, "town"),
]
TEXTS = [
    ({"field": "text", "contains": "закат"}, "lake"),
    ({"field": "text", "contains": "BOATS two"}, "lake"),
    ({"field": "text", "contains": "storey"}, "town"),
    ({"not": {"field": "text", "contains": "boats"}}, "town void"),
]


@pytest.mark.parametrize(("node", "passing"), CASES, ids=[str(node)[1:-1] for node, _ in CASES])
def test_a_filter_lets_pass_what_it_says(stocked: Store, node: dict, passing: str) -> None:
    """The same posts in every engine, whether they are counted, gone through or searched."""
    wanted = read_filter(node)
    assert sorted(post.id for post in stocked.scroll(wanted)) == sorted(passing.split())
    assert stocked.count(wanted) == len(passing.split())
    hits = stocked.candidates(Search(10, words={"sea": 1.0}, filter=wanted)).words
    assert sorted(ids(hits)) == sorted(passing.split())


@pytest.mark.parametrize(("node", "passing"), TEXTS, ids=[str(node)[1:-1] for node, _ in TEXTS])
def test_captions_are_searched_for_whole_words(
    request: pytest.FixtureRequest, stocked: Store, node: dict, passing: str
) -> None:
    """In any case of letters, in any order, and never for parts of words."""
    if "client-local" in request.node.name:
        pytest.skip("the client's local mode compares letters, not words")
    assert sorted(post.id for post in stocked.scroll(read_filter(node))) == sorted(passing.split())


def test_posts_may_be_named(stocked: Store) -> None:
    """Inside the store a filter may also name posts; none at all lets nothing pass."""
    assert stocked.count(Posts(frozenset({"lake", "nope"}))) == 1
    assert stocked.count(Not(Posts(frozenset({"lake", "nope"})))) == 3
    assert stocked.count(Posts(frozenset())) == 0


def test_nothing_in_a_group_is_taken_by_its_word(stocked: Store) -> None:
    """All of no parts holds, at least one of none does not; no value at all is nobody's."""
    assert stocked.count(All(())) == 4
    assert stocked.count(Some(())) == 0
    assert stocked.count(any_of("vis", [])) == 0
    assert [stocked.any(wanted) for wanted in (None, All(()), Some(()))] == [True, True, False]


def test_a_field_that_no_post_has_is_named(stocked: Store) -> None:
    """A misspelt name would else look like an empty answer; the sentence lists what there is."""
    for ask in (
        lambda wanted: stocked.count(wanted),
        lambda wanted: list(stocked.scroll(wanted)),
        lambda wanted: stocked.candidates(Search(5, words={"sea": 1.0}, filter=wanted)),
        lambda wanted: stocked.delete_where(wanted),
        lambda wanted: stocked.tally([Facet("tags")], wanted),
    ):
        with pytest.raises(FilterRefused, match="plaice"):
            ask(Not(read_filter({"field": "attrs.plaice", "equals": "Ural"})))
    with pytest.raises(FilterRefused, match=r"attrs\.place as a number"):
        stocked.count(read_filter({"field": "attrs.place", "from": 1}))


def test_a_replaced_post_is_filtered_by_what_it_has_now(stocked: Store) -> None:
    """The old values of the site's own fields are gone."""
    stocked.upsert([point("lake", attrs={"place": "Ural"}, digest="new")])
    assert stocked.count(read_filter({"field": "attrs.place", "equals": "Карелия"})) == 0
    assert stocked.count(read_filter({"field": "attrs.place", "equals": "Ural"})) == 2


def test_a_post_that_is_released_can_be_filtered_by_its_fields(stocked: Store) -> None:
    """While it is held its fields open no filter; once it is open they do."""
    held = point("new", vis="held", attrs={"camera": "nikon", "place": "Ural"}, document={"text": {"sea": 1}})
    stocked.upsert([held])
    nikon = read_filter({"field": "attrs.camera", "equals": "nikon"})
    with pytest.raises(FilterRefused):
        stocked.count(nikon)
    stocked.set_facts({"new": Standing("open", "clear", {}, {"sea": 1.0})})
    assert [post.id for post in stocked.scroll(nikon)] == ["new"]
    assert "new" not in {post.id for post in stocked.scroll(Not(nikon))}


def test_a_field_opens_a_filter_only_to_those_who_may_see_a_post_with_it(stocked: Store) -> None:
    """Whatever the posts' standing is and was: to all others it is as unknown as one that nobody has."""
    nikon = read_filter({"field": "attrs.camera", "equals": "nikon"})

    def found(*audience: str) -> list[str] | None:
        try:
            search = Search(5, words={"sea": 1.0}, filter=nikon, audience=frozenset(audience))
            return [hit.point.id for hit in stocked.candidates(search).words]
        except FilterRefused:
            return None

    stocked.upsert(
        [point("new", words={"sea": 1.0}, vis="unseen", child="unseen", attrs={"camera": "nikon"}, version=1)]
    )
    assert (found("open"), found("open", "unseen")) == (None, ["new"])
    stocked.set_facts({"new": Standing(["held", "DE"], "child", {})})
    assert (found("open", "unseen"), found("open", "DE")) == (None, [])
    stocked.set_facts({"new": Standing("open", "consented", {}, {"sea": 1.0})})
    assert (found("clear"), found("consented"), found("open")) == (None, ["new"], ["new"])
    stocked.set_facts({"new": Standing("held", "child", {})})
    assert found("open", "unseen", "DE", "clear", "consented") is None
    stocked.set_facts({"new": Standing("open", "clear", {}, {"sea": 1.0})})
    assert found("open") == ["new"]
    stocked.upsert([point("new", words={"sea": 1.0}, attrs={}, version=2)])
    assert found("open") is None
    stocked.upsert(
        [
            point("new", words={"sea": 1.0}, attrs={"camera": "nikon"}, version=3),
            point("old", words={"sea": 1.0}, attrs={"camera": "nikon"}),
        ]
    )
    stocked.delete(["new"])
    assert found("open") == ["old"]
    stocked.delete_where(Posts(frozenset({"old"})))
    assert found("open") is None


def test_the_store_tells_what_it_can_be_filtered_by(stocked: Store) -> None:
    """Each of the site's own fields, and the kinds of values it was seen with."""
    attrs = {name: sorted(kinds) for name, kinds in stocked.info().attrs.items()}
    assert attrs == {
        "a.b c": ["word"],
        "place": ["word"],
        "price": ["number", "word"],
        "sold": ["word"],
        "taken": ["time", "word"],
        "where": ["place"],
    }
