"""Answering searches: every arm of all of them in one round trip, ties in a fixed order, then their outlines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from common.arrays import Float64, Index
from qdrant.engine.about import About
from qdrant.engine.checks import check_vector
from qdrant.engine.protocol import Arm, ArmKeys, Engine
from qdrant.errors import ModelMissing
from qdrant.outline import Outlines, OwnWords
from qdrant.points import WORDS
from qdrant.store import ArmRows, Candidates, Search
from qdrant.vector_kind import Owner, VectorKind

MOST_TIED = 1100  # more than any page shows: of more equals than these the engine chooses
_NOTHING = ArmRows(np.zeros(0, np.intp), np.zeros(0))


def answer_searches(
    searches: Sequence[Search], engine: Engine, model: str | None, active: str | None
) -> list[Candidates]:
    """Ask all arms of every search; `model` is whose vectors are asked for, `active` whose come with the points."""
    arms = [_arms(search, engine, model) for search in searches]
    rankings = _ranked([arm for of_search in arms for arm in of_search.values()], engine, active)
    found = any(map(len, rankings))
    table, rows = engine.outlines(rankings, active) if found else (Outlines((), OwnWords.of(())), [])
    there = iter([_there(*one) for one in zip(rows, rankings, strict=True)] if found else [_NOTHING] * len(rankings))
    answers = [{kind: next(there) for kind in of_search} for of_search in arms]
    return [_candidates(search, given, table) for search, given in zip(searches, answers, strict=True)]


def _there(rows: Index, ranking: ArmKeys) -> ArmRows:
    """What was not removed meanwhile."""
    return ArmRows(rows, ranking.scores).only(rows >= 0)


def _candidates(search: Search, answers: Mapping[VectorKind | None, ArmRows], table: Outlines) -> Candidates:
    near = {kind: answers.get(kind, _NOTHING) for kind in search.near}
    near = {kind: _reaching(arm, kind, search.near[kind].cutoff) for kind, arm in near.items()}
    worded = answers.get(None, _NOTHING)
    if len(worded.rows):  # two words may share a number in the sparse vector
        worded = worded.only(table.words.holding(search.words)[worded.rows])
    return Candidates(table, near, worded, bool(search.exact))


def _reaching(arm: ArmRows, kind: VectorKind, cutoff: float | None) -> ArmRows:
    return arm if cutoff is None else arm.only(kind.measure.reaches(arm.scores, cutoff))


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


def _ranked(arms: Sequence[Arm], engine: Engine, model: str | None) -> list[ArmKeys]:
    """Rank so that equals at the end of a page are always the same: look past it until they end."""
    if not arms:
        return []
    answers = engine.rank([arm._replace(limit=arm.limit + 1) for arm in arms], model, with_points=True)
    return [_cut(arm, ranking, engine) for arm, ranking in zip(arms, answers, strict=True)]


def _cut(arm: Arm, ranking: ArmKeys, engine: Engine) -> ArmKeys:
    """Order equals by the point's id; where they go on behind the end, look on until they end."""
    depth = arm.limit + 1
    while len(ranking) == depth < MOST_TIED and ranking.scores[-1] == ranking.scores[arm.limit - 1]:
        depth = min(4 * depth, MOST_TIED)
        known = ranking.points
        (ranking,) = engine.rank([arm._replace(limit=depth)], None, with_points=False)
        ranking = replace(ranking, points=known)
    falling = -ranking.scores if arm.larger else ranking.scores
    if _has_equals(falling):
        halves = ranking.keys.view(">u8").reshape(-1, 2)
        ranking = ranking.take(np.lexsort((halves[:, 1], halves[:, 0], falling)))
    return ranking.take(slice(arm.limit))


def _has_equals(scores: Float64) -> bool:
    """Whether there is an order left to be made: engines give the best first, equals as it comes."""
    return not bool((scores[1:] > scores[:-1]).all())
