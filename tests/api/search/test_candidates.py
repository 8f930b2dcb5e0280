"""Candidates: columns that are what the arms found, in the order that they are ordered in anew."""

from itertools import chain, zip_longest

import numpy as np
import pytest

from api.search.admission import Admission, Admitted
from api.search.candidates import Pool, Shortlist, find
from api.search.ordered import ordered
from api.search.query import Query, make_query
from api.search.question import Mode, Question
from compliance.country import resolve
from compliance.law import Law
from ingest.photos.photo_parts import PhotoParts
from qdrant.outline import Outlines
from qdrant.points import WORDS, StoredPoint
from qdrant.vector_kind import THETA
from tests.support.small_world import World, small_world
from topic_model.match.mass import WEAK, match
from topic_model.models import Models

LAW = Law()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return small_world(tmp_path_factory.mktemp("models"))


def asked(world: World, question: Question) -> Query:
    admission = Admission(Models(world.model), PhotoParts(), LAW)
    admitted = admission.ask(question, admission.visit(resolve("DE", None, True)))
    assert isinstance(admitted, Admitted)
    return make_query(admitted, world.model)


def test_every_arm_gives_its_first_then_all_take_turns(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As lists of hits would be put together: each post once, what shares too little nowhere, none on two pages."""
    query = asked(world, Question(text="море волна", limit=60))
    whole = find(query, world.store, LAW.gate)
    monkeypatch.setattr("api.search.candidates.CANDIDATES", 3)
    pool = find(query, world.store, LAW.gate)
    table = pool.first.table
    thetas = dict(zip(table.ids, table.vector(THETA), strict=True))
    shares = {post: match(query.theta, theta) >= WEAK for post, theta in thetas.items()}
    assert set(shares.values()) == {True, False}
    arms = [[post if shares[post] else None for post in _ids(whole, THETA.name)], _ids(whole, WORDS)]
    first = list(dict.fromkeys(post for arm in arms for post in arm[:3] if post))
    turns = chain.from_iterable(zip_longest(*(arm[3:] for arm in arms)))
    assert pool.first.ids == first
    assert pool.later.ids == [post for post in dict.fromkeys(turns) if post and post not in first]
    assert len(pool.later) > 3
    assert set(pool.first.ids + pool.later.ids) == set(whole.first.ids)


def _ids(pool: Pool, arm: str) -> list[str]:
    return [hit.point.id for hit in pool.arms[arm].points(pool.first.table)]


@pytest.mark.parametrize("mode", list(Mode))
def test_no_hit_matches_more_than_the_one_before_it(world: World, mode: Mode) -> None:
    """Whatever orders; and a least match cuts the end off, nothing else."""
    query = asked(world, Question(text="море волна", mode=mode))
    found = ordered(find(query, world.store, LAW.gate), query, world.model)
    matches = [candidate.match for candidate in found]
    assert matches == sorted(matches, reverse=True)
    least = matches[len(matches) // 2]
    cut = asked(world, Question(text="море волна", mode=mode, min_match=least))
    enough = ordered(find(cut, world.store, LAW.gate), cut, world.model).ids
    kept = [post for post, one in zip(found.ids, matches, strict=True) if one >= least]
    assert enough[: len(kept)] == kept
    assert len(enough) < len(found) or matches[-1] == least


def test_some_candidates_are_what_they_were() -> None:
    """Taken by their places, by their posts, or cut, each keeps its id, its topics in common and its match."""
    table = Outlines.of([StoredPoint({"id": post, "document": {}}) for post in "abcd"], None)
    rows, shared = np.array([3, 0, 2], np.intp), np.array([0.5, np.nan, 0.25])
    whole = Shortlist(table, rows, shared, np.array([0.9, 0.8, np.nan]))
    assert [(one.point.id, one.shared, one.match) for one in whole] == [
        ("d", 0.5, 0.9),
        ("a", None, 0.8),
        ("c", 0.25, None),
    ]
    assert list(whole.of(["c", "d"])) == [whole[2], whole[0]]
    assert list(whole[1:]) == [whole[1], whole[2]]
    assert list(whole[:1].followed_by(whole[2:])) == [whole[0], whole[2]]
    assert whole[3:].ids == []
