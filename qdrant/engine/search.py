"""Answering searches: every arm of all of them in one round trip, ties in a fixed order, then the points themselves."""

from collections.abc import Sequence

from qdrant.engine.checks import check_place, check_theta
from qdrant.engine.protocol import Arm, Engine, Ranked
from qdrant.errors import ModelMissing
from qdrant.points import WORDS, aligned_name, foreign_name, theta_name
from qdrant.store import Candidates, ScoredPoint, Search

MOST_TIED = 1100  # more than any page shows: of more equals than these the engine chooses


def answer_searches(searches: Sequence[Search], engine: Engine, model: str | None) -> list[Candidates]:
    """Ask all arms of every search; the thetas asked with are those of `model`."""
    arms = [_arms(search, engine, model) for search in searches]
    ranked = _ranked([arm for of_search in arms for arm in of_search if arm], engine)
    found = {one.key: one for arm in ranked for one in arm}
    points = {key: one.point for key, one in found.items() if one.point is not None}
    points |= engine.fetch({key: one for key, one in found.items() if one.point is None})
    answers = iter(ranked)
    candidates = []
    for search, of_search in zip(searches, arms, strict=True):
        by_theta, by_words, by_aligned, by_foreign = (
            [ScoredPoint(one.score, points[one.key]) for one in next(answers) if one.key in points] if arm else []
            for arm in of_search
        )
        by_words = [hit for hit in by_words if hit.point.says(search.words)]
        if search.foreign:
            by_foreign = [hit for hit in by_foreign if hit.score >= search.foreign.least]
        candidates.append(Candidates(by_theta, by_words, by_aligned, by_foreign, bool(search.exact)))
    return candidates


def _arms(search: Search, engine: Engine, model: str | None) -> tuple[Arm | None, ...]:
    by_theta = by_words = by_aligned = by_foreign = None
    about, exact = engine.about, bool(search.exact)
    if search.theta is not None:
        name = theta_name(_needed(model, about.active))
        check_theta(search.theta, str(model), about.models)
        by_theta = Arm(name, search.theta, search.limit, search.filter, exact, larger=False)
    if search.words:
        by_words = Arm(WORDS, search.words, search.limit, search.filter, exact=True, larger=True)
    if search.aligned is not None:
        name = aligned_name(_needed(model, about.active))
        check_place(search.aligned, "aligned", str(model), about.aligned)
        by_aligned = Arm(name, search.aligned, search.limit, search.filter, exact, larger=True)
    if search.foreign is not None:
        encoder, place, _ = search.foreign
        check_place(place, "foreign", encoder, about.foreign)
        by_foreign = Arm(foreign_name(encoder), place, search.limit, search.filter, exact, larger=True)
    arms = (by_theta, by_words, by_aligned, by_foreign)
    return arms if search.limit > 0 else (None,) * len(arms)


def _needed(model: str | None, active: str | None) -> str:
    """Give the model that a theta was asked with, unless the thetas have moved on."""
    if model is None:
        raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
    if model != active:
        raise ModelMissing(f"Another process has put {active} in place of {model}: load it and ask again.")
    return model


def _ranked(arms: Sequence[Arm], engine: Engine) -> list[list[Ranked]]:
    """Rank so that equals at the end of a page are always the same: look past it until they end."""
    if not arms:
        return []
    answers = engine.rank([arm._replace(limit=arm.limit + 1) for arm in arms], with_points=True)
    return [_cut(arm, ranked, engine) for arm, ranked in zip(arms, answers, strict=True)]


def _cut(arm: Arm, ranked: list[Ranked], engine: Engine) -> list[Ranked]:
    """Order equals by the point's id; where they go on behind the end, look on until they end."""
    asked = arm.limit + 1
    while len(ranked) == asked < MOST_TIED and ranked[-1].score == ranked[arm.limit - 1].score:
        asked = min(4 * asked, MOST_TIED)
        known = {one.key: one for one in ranked if one.point is not None}
        (further,) = engine.rank([arm._replace(limit=asked)], with_points=False)
        ranked = [known.get(one.key, one) for one in further] if known else further
    sign = -1 if arm.larger else 1
    return sorted(ranked, key=lambda one: (sign * one.score, one.key.int))[: arm.limit]
