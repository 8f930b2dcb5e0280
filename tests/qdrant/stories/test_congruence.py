"""Same question, same answer: thousands of seeded points, filters and queries, to each engine and to exact numpy.

Tolerances: scores agree to 1e-4. Equals are cut by the point's id on both sides, but sums that are equal on paper may
differ in the last bit: what lies within 1e-4 of the last score shown may be another point. Places lie at least 1 % of
the radius away from its edge, because engines take the earth a little differently.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qdrant.filters import Filter
from qdrant.grammar import read_filter
from qdrant.store import Facet, Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, STORES, TOPICS, every, point
from tests.support.reference_store import ReferenceStore

POINTS, QUERIES = 1500, 400
WORDS = [f"w{number}" for number in range(40)]
PLACES = ["Карелия", "Karelia", "Урал", "Ural", "Алтай"]


def some_points(chance: random.Random) -> list:
    """Posts with few values each, so that many tie and every filter passes some."""
    points = []
    for number in range(POINTS):
        mix = np.array([chance.choice([0, 0, 1, 2, 5]) for _ in range(TOPICS)], np.float32)
        mix[chance.randrange(TOPICS)] += 1
        words = chance.sample(WORDS, chance.randint(0, 6))
        attrs = {
            "place": chance.sample(PLACES, chance.randint(1, 2)),
            "price": chance.choice([1, 2.5, 10, -3, 99]),
            "sold": chance.random() < 0.3,
            "taken": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:00:00Z",
            "where": {"lat": chance.choice([60.0, 61.0, 65.0]), "lon": chance.choice([30.0, 34.0, -70.0])},
        }
        kept = dict(chance.sample(sorted(attrs.items()), chance.randint(0, len(attrs))))
        points.append(
            point(
                f"p{number}",
                vis=chance.choice(["open", "open", "held"]),
                child=chance.choice(["clear", "child", "review"]),
                words={word: chance.choice([1.0, 1.5]) for word in words},
                vectors={THETA.of(MODEL): mix / mix.sum()} if chance.random() < 0.9 else {},
                attrs=kept,
                post={"captions": [{"text": " ".join(words).upper(), "author": f"a{number % 7}"}], "tags": words[:2]},
            )
        )
    return points


def some_filter(chance: random.Random, depth: int = 0) -> dict:
    """A filter of the grammar, up to three levels deep."""
    kind = chance.random()
    if depth < 3 and kind < 0.35:
        parts = [some_filter(chance, depth + 1) for _ in range(chance.randint(1, 3))]
        return {chance.choice(["and", "or"]): parts}
    if depth < 3 and kind < 0.5:
        return {"not": some_filter(chance, depth + 1)}
    times = [f"2026-{chance.randint(1, 12):02}-15T12:00:00+03:00", "2026-06-01"]
    return chance.choice(
        [
            {"field": "attrs.place", "equals": chance.choice(PLACES)},
            {"field": "attrs.place", "any_of": chance.sample(PLACES, 2)},
            {"field": "attrs.place", "none_of": chance.sample(PLACES, 2)},
            {"field": "attrs.price", chance.choice(["from", "above"]): chance.choice([-3, 1, 2.5])},
            {"field": "attrs.price", "from": -1, chance.choice(["to", "below"]): chance.choice([2.5, 10])},
            {"field": "attrs.sold", "equals": chance.random() < 0.5},
            {"field": "attrs.taken", chance.choice(["from", "to", "above", "below"]): chance.choice(times)},
            {"field": "attrs.where", "near": {"lat": 60, "lon": 30, "km": chance.choice([50, 150, 400, 5000])}},
            {"field": "tags", "equals": chance.choice(WORDS)},
            {"field": "authors", "any_of": ["a1", f"a{chance.randint(0, 9)}"]},
        ]
    )


@pytest.fixture(scope="module", params=every(name for name in STORES if name not in ("reference", "owned")))
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """The judge and an engine, with the same points."""
    engine: Store = STORES[request.param](Path(tmp_path_factory.mktemp("engine")))
    judge = ReferenceStore()
    points = some_points(random.Random(7))
    for store in (judge, engine):
        store.add_vector(THETA.of(MODEL), TOPICS)
        store.activate(MODEL)
        store.upsert(points)
        store.delete([f"p{number}" for number in range(0, POINTS, 11)])
        if "embedded" in store.info().engine:
            store.optimize()  # until then, words of deleted posts count as words in the embedded engine
    yield judge, engine
    engine.close()


@pytest.fixture
def filters(request: pytest.FixtureRequest) -> list[tuple[dict, Filter]]:
    """Four hundred filters as the site writes them; fewer for the client's local mode, which is slow and no product."""
    chance = random.Random(11)
    written = [some_filter(chance) for _ in range(QUERIES)]
    return [(given, read_filter(given)) for given in written][:: 5 if "client-local" in request.node.name else 1]


def test_every_filter_lets_the_same_posts_pass(pair: tuple[Store, Store], filters: list) -> None:
    """Each filter is counted; the first that differs is printed as the site would write it."""
    judge, engine = pair
    counts = [(given, judge.count(wanted), engine.count(wanted)) for given, wanted in filters]
    assert [row for row in counts if row[1] != row[2]] == []
    assert len({count for _, count, _ in counts}) > 50, "the filters must tell the posts apart"


def test_every_search_finds_the_same_posts(pair: tuple[Store, Store], filters: list) -> None:
    """Both arms, with and without filter, at every limit: the same scores, in the same order."""
    judge, engine = pair
    chance = random.Random(13)
    for given, wanted in filters:
        mix = np.array([chance.randint(0, 4) for _ in range(TOPICS)], np.float32)
        mix[0] += 1
        limit = chance.choice([1, 5, 40, 2000])
        theta = mix / mix.sum() if chance.random() < 0.8 else None
        search = Search(
            limit=limit,
            near={} if theta is None else {THETA: Target(theta)},
            words=dict.fromkeys(chance.sample(WORDS, chance.randint(0, 3)), 1.0),
            filter=wanted if chance.random() < 0.7 else None,
        )
        expected, got = judge.candidates(search), engine.candidates(search)
        arms = [(expected.words, got.words), *((expected.hits[kind], got.hits[kind]) for kind in search.near)]
        for arm, theirs in arms:
            assert len(theirs) == len(arm), given
            assert all(abs(hit.score - true.score) <= 1e-4 for hit, true in zip(theirs, arm, strict=True)), given
            sure, truth = _surely(theirs, search.limit), _surely(arm, search.limit)
            assert sure.keys() == truth.keys(), given
            assert all(abs(score - truth[post]) <= 1e-4 for post, score in sure.items()), given


def test_every_facet_counts_the_same(request: pytest.FixtureRequest, pair: tuple[Store, Store], filters: list) -> None:
    """Words of a field, numbers and times in steps, within a filter."""
    if "client-local" in request.node.name:
        pytest.skip("the client's local mode goes through all posts for each step")
    judge, engine = pair
    facets = [Facet(field, 5) for field in ("tags", "authors", "vis", 'typed.word."place"')]
    facets += [Facet('typed.number."price"', step=step) for step in (None, 2.5, 40.0)]
    facets += [Facet('typed.time."taken"', step=step) for step in ("month", "year")]
    for given, wanted in filters[:40]:
        (total, tallies), (true, truth) = engine.tally(facets, wanted), judge.tally(facets, wanted)
        assert total == true, given
        for facet, tally, expected in zip(facets, tallies, truth, strict=True):
            assert tally == expected, (facet, given)


def test_whole_words_are_found_alike(request: pytest.FixtureRequest, pair: tuple[Store, Store]) -> None:
    """Captions of random words, asked for one and for two."""
    if "client-local" in request.node.name:
        pytest.skip("the client's local mode compares letters, not words")
    judge, engine = pair
    chance = random.Random(17)
    for _ in range(60):
        wanted = read_filter({"field": "text", "contains": " ".join(chance.sample(WORDS, chance.randint(1, 2)))})
        assert engine.count(wanted) == judge.count(wanted)


def _surely(hits: list, limit: int) -> dict[str, float]:
    """Give the hits that no rounding can push over the limit."""
    edge = hits[-1].score if len(hits) == limit else None
    sure = [hit for hit in hits if edge is None or abs(hit.score - edge) > 1e-4]
    return {hit.point.id: hit.score for hit in sure}
