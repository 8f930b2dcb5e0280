"""Answering searches: every arm of all of them in one round trip, ties in a fixed order, then their outlines."""

from collections.abc import Mapping, Sequence
from itertools import compress
from uuid import UUID

from qdrant.engine.about import About
from qdrant.engine.checks import check_vector
from qdrant.engine.protocol import Arm, Engine, Ranked
from qdrant.errors import ModelMissing
from qdrant.outline import Outline, with_words
from qdrant.points import WORDS
from qdrant.store import Candidates, ScoredPoint, Search
from qdrant.vector_kind import Owner, VectorKind

MOST_TIED = 1100  # more than any page shows: of more equals than these the engine chooses


def answer_searches(
    searches: Sequence[Search], engine: Engine, model: str | None, active: str | None
) -> list[Candidates]:
    """Ask all arms of every search; `model` is whose vectors are asked for, `active` whose come with the points."""
    arms = [_arms(search, engine, model) for search in searches]
    ranked = iter(_ranked([arm for of_search in arms for arm in of_search.values()], engine, active))
    answers = [{kind: next(ranked) for kind in of_search} for of_search in arms]
    hits = {one.key: one for of_search in answers for arm in of_search.values() for one in arm}
    points = engine.outlines(hits, active) if hits else {}
    return [_candidates(search, given, points) for search, given in zip(searches, answers, strict=True)]


def _candidates(
    search: Search, answers: Mapping[VectorKind | None, list[Ranked]], points: Mapping[UUID, Outline]
) -> Candidates:
    hits = {
        kind: [ScoredPoint(one.score, point) for one in ranked if (point := points.get(one.key)) is not None]
        for kind, ranked in answers.items()
    }
    near = {
        kind: hits.get(kind, [])
        if target.cutoff is None
        else [hit for hit in hits.get(kind, ()) if kind.measure.reaches(hit.score, target.cutoff)]
        for kind, target in search.near.items()
    }
    worded = hits.get(None, [])
    holding = with_words([hit.point for hit in worded], search.words)
    return Candidates(near, list(compress(worded, holding)), bool(search.exact))


def _arms(search: Search, engine: Engine, model: str | None) -> dict[VectorKind | None, Arm]:
    """The arms of a search by kind; that of the words has none."""
    arms: dict[VectorKind | None, Arm] = {}
    about, exact = engine.about, bool(search.exact)
    for kind, target in search.near.items():
        vector = kind.of(_needed(model, about) if kind.owner is Owner.MODEL else target.owner)
        check_vector(target.values, vector, about)
        larger = kind.measure.larger
        arms[kind] = Arm(vector.name, target.values, search.limit, search.filter, exact, larger)
    if search.words:
        arms[None] = Arm(WORDS, search.words, search.limit, search.filter, exact=True, larger=True)
    return arms if search.limit > 0 else {}


def _needed(model: str | None, about: About) -> str:
    """Give the model that is asked for, unless its vectors went when others were put in their place."""
    if model is None:
        raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
    if model not in about.models:
        raise ModelMissing(f"Another process has put {about.active} in place of {model}: load it and ask again.")
    return model


def _ranked(arms: Sequence[Arm], engine: Engine, model: str | None) -> list[list[Ranked]]:
    """Rank so that equals at the end of a page are always the same: look past it until they end."""
    if not arms:
        return []
    answers = engine.rank([arm._replace(limit=arm.limit + 1) for arm in arms], model, with_points=True)
    return [_cut(arm, ranked, engine) for arm, ranked in zip(arms, answers, strict=True)]


def _cut(arm: Arm, ranked: list[Ranked], engine: Engine) -> list[Ranked]:
    """Order equals by the point's id; where they go on behind the end, look on until they end."""
    depth = arm.limit + 1
    while len(ranked) == depth < MOST_TIED and ranked[-1].score == ranked[arm.limit - 1].score:
        depth = min(4 * depth, MOST_TIED)
        known = {one.key: one for one in ranked if one.point is not None}
        (further,) = engine.rank([arm._replace(limit=depth)], None, with_points=False)
        ranked = [known.get(one.key, one) for one in further] if known else further
    sign = -1 if arm.larger else 1
    return sorted(ranked, key=lambda one: (sign * one.score, one.key.int))[: arm.limit]
