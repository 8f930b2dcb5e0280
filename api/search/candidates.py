"""Finding: candidates of all arms inside the gate's filter, weak ones left out, the rest in order."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from api.search.query import Asked, Mode, Query
from api.search.ranking import ALIGNED, FOREIGN, order
from compliance.facts import Child
from compliance.gate import Gate
from compliance.policy import Rule
from qdrant.engine.fusion import fused
from qdrant.filters import Filter, Not, Some, any_of, both
from qdrant.points import Fields, StoredPoint
from qdrant.store import Search, Store
from topic_model.match.mass import WEAK, matches
from topic_model.model import TopicModel

CANDIDATES = 100
MOST = 1000
NEAR = 0.25  # of the topics in common, for the sentence to stand in for a withheld post
SENTENCES = 3


class Found(NamedTuple):
    """A post that was found, and its match: None when the query or the post has no topics."""

    point: StoredPoint
    match: float | None

    def fits(self, least: float) -> bool:
        """Whether it matches at least so much."""
        return (self.match or 0.0) >= least


def find(
    query: Query, asked: Asked, rule: Rule, store: Store, model: TopicModel | None, gate: Gate, extra: int = 0
) -> list[Found]:
    """Collect what the mode's arms find, best first; what shares no word and less than WEAK is no hit."""
    search = Search(
        limit=min(max(CANDIDATES, asked.offset + asked.limit + 1), MOST) + extra,
        theta=query.theta if query.mode is not Mode.WORDS else None,
        words=query.words if query.mode is not Mode.TOPICS else {},
        aligned=query.aligned if query.mode is Mode.HYBRID and asked.weights.get(ALIGNED, 1.0) else None,
        foreign=query.foreign if query.mode is Mode.HYBRID and asked.weights.get(FOREIGN, 1.0) else None,
        filter=both(visible(rule, gate), asked.filter),
    )
    candidates = store.candidates(search)
    by_theta, by_words, by_aligned, by_foreign = (
        _matched(query, (hit.point for hit in hits)) for hits in candidates[:4]
    )
    arms = [
        _only(by_theta, WEAK if asked.min_match is None else asked.min_match),
        _only(by_words, asked.min_match or 0.0),
        _only(by_aligned, WEAK if asked.min_match is None else asked.min_match),
        _only(by_foreign, asked.min_match or 0.0),  # what is weak it has told already, by its own measure
    ]
    # Later pages find more candidates: only the same first ones are ordered anew, else pages would overlap.
    first = _united(found for arm in arms for found in arm[:CANDIDATES])
    later = _united(found for row in zip_longest(*(arm[CANDIDATES:] for arm in arms)) for found in row)
    best = list(first.values())
    if query.mode is Mode.HYBRID and model is not None and len(best) > 1:
        points = [found.point for found in best]
        ranks = order(query.document, points, model, asked.weights, search.aligned, search.foreign)
        best = [best[rank] for rank in ranks]
    elif model is None and search.foreign is not None:
        hits = fused(candidates.by_words[:CANDIDATES], candidates.by_foreign[:CANDIDATES])
        best = [first[hit.point.id] for hit in hits if hit.point.id in first]
    return [*best, *(found for post, found in later.items() if post not in first)][:MOST]


def withheld(query: Query, rule: Rule, store: Store, gate: Gate) -> int:
    """Count the sentences that stand in for withheld posts: few, near in topic, and by no word or wish of the visitor.

    Where they stood among the hits, or whether a word finds them, would tell what is in the posts.
    """
    shown = gate.visible_kinds(rule)
    if shown is None or query.theta is None or not gate.disclaims(rule):
        return 0
    held = any_of(Fields.CHILD, frozenset(Child) - shown)
    seen = visible(rule, gate)
    search = Search(SENTENCES, query.theta, filter=both(held, None if seen is None else Not(seen)))
    near = _matched(query, (hit.point for hit in store.candidates(search).by_theta))
    return sum(found is not None and found.fits(NEAR) for found in near)


def visible(rule: Rule, gate: Gate) -> Filter | None:
    """The gate's filter, which holds inside the store."""
    seen = gate.visible(rule)
    if seen is None:
        return None
    parts = [any_of(field, values) for field, values in ((Fields.VIS, seen.ways), (Fields.CHILD, seen.kinds)) if values]
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def _only(arm: Iterable[Found | None], least: float) -> list[Found | None]:
    """Blank what matches less, so that everything else keeps its rank."""
    return [found if found is not None and found.fits(least) else None for found in arm]


def _united(arms: Iterable[Found | None]) -> dict[str, Found]:
    return {found.point.id: found for found in arms if found is not None}


def _matched(query: Query, points: Iterable[StoredPoint]) -> list[Found | None]:
    points = list(points)
    theta = query.theta
    if theta is None:
        return [Found(point, None) for point in points]
    having = {point.id: point.theta for point in points if point.theta is not None}
    match = dict(zip(having, matches(theta, list(having.values())), strict=True))
    return [Found(point, match.get(point.id)) for point in points]
