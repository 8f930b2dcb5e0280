"""Candidates of all arms inside the gate's filter; weak ones are left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from api.search.query import Query
from api.search.question import Mode
from api.search.ranking import ALIGNED, FOREIGN
from compliance.facts import Child, Facts, from_payload
from compliance.gate import Gate
from compliance.policy import Rule
from qdrant.filters import Filter, Not, Some, any_of, both
from qdrant.points import Fields, StoredPoint
from qdrant.store import ScoredPoint, Search, Store
from topic_model.match.mass import WEAK, matches

CANDIDATES = 100
MOST = 1000
NEAR = 0.25  # of the topics in common, for the sentence to stand in for a withheld post
SENTENCES = 3


@dataclass(frozen=True)
class Candidate:
    """A post that was found, and its match: None when the query or the post has no topics."""

    point: StoredPoint
    match: float | None

    @cached_property
    def facts(self) -> Facts:
        """What is known of the post and children, read once."""
        return from_payload(self.point.facts)

    def reaches(self, least: float) -> bool:
        """Whether it matches at least so much."""
        return (self.match or 0.0) >= least


@dataclass(frozen=True, slots=True)
class Pool:
    """What the arms found: the first ones are ordered anew, the later ones follow as they came, so pages never overlap.

    `by_words` and `by_dual` are the hits of these arms as the store ordered them, for where no model orders.
    """

    first: Sequence[Candidate]
    later: Sequence[Candidate]
    by_words: Sequence[ScoredPoint] = ()
    by_dual: Sequence[ScoredPoint] = ()


def find(query: Query, store: Store, gate: Gate, extra: int = 0) -> Pool:
    """Collect what the mode's arms find, best first; what shares no word and less than WEAK is no hit."""
    question = query.question
    search = Search(
        limit=min(max(CANDIDATES, question.offset + question.limit + 1), MOST) + extra,
        theta=query.theta if query.mode is not Mode.WORDS else None,
        words=query.words if query.mode is not Mode.TOPICS else {},
        aligned=query.aligned if query.mode is Mode.HYBRID and question.weights.get(ALIGNED, 1.0) else None,
        foreign=query.foreign if query.mode is Mode.HYBRID and question.weights.get(FOREIGN, 1.0) else None,
        filter=both(visible(query.visit.rule, gate), question.filter),
    )
    candidates = store.candidates(search)
    by_theta, by_words, by_aligned, by_dual = (_matched(query, (hit.point for hit in hits)) for hits in candidates[:4])
    least = question.min_match
    arms = [
        _only(by_theta, WEAK if least is None else least),
        _only(by_words, least or 0.0),
        _only(by_aligned, WEAK if least is None else least),
        _only(by_dual, least or 0.0),  # what is weak it has left out already, by its own measure
    ]
    # Later pages find more candidates: only the same first ones are ordered anew, else pages would overlap.
    first = _united(candidate for arm in arms for candidate in arm[:CANDIDATES])
    rest = _united(candidate for row in zip_longest(*(arm[CANDIDATES:] for arm in arms)) for candidate in row)
    later = [candidate for post, candidate in rest.items() if post not in first]
    dual = candidates.by_foreign if search.foreign is not None else ()
    return Pool(list(first.values()), later, candidates.by_words[:CANDIDATES], dual[:CANDIDATES])


def withheld_hits(query: Query, store: Store, gate: Gate) -> int:
    """Count the posts that are withheld from an answer: few, near in topic, and by no word or wish of the visitor.

    Where the rule wants it, a sentence stands in for each; else nobody is told, but the record.
    Where they stood among the hits, or whether a word finds them, would tell what is in the posts.
    """
    rule = query.visit.rule
    kinds = gate.visible_kinds(rule)
    if kinds is None or query.theta is None:
        return 0
    held = any_of(Fields.CHILD, frozenset(Child) - kinds)
    allowed = visible(rule, gate)
    search = Search(SENTENCES, query.theta, filter=both(held, None if allowed is None else Not(allowed)))
    near = _matched(query, (hit.point for hit in store.candidates(search).by_theta))
    return sum(candidate.reaches(NEAR) for candidate in near)


def visible(rule: Rule, gate: Gate) -> Filter | None:
    """The gate's filter, which holds inside the store."""
    allowed = gate.visible(rule)
    if allowed is None:
        return None
    fields = ((Fields.VIS, allowed.ways), (Fields.CHILD, allowed.kinds))
    parts = [any_of(field, values) for field, values in fields if values]
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def _only(arm: Iterable[Candidate], least: float) -> list[Candidate | None]:
    """Blank what matches less, so that everything else keeps its rank."""
    return [candidate if candidate.reaches(least) else None for candidate in arm]


def _united(arms: Iterable[Candidate | None]) -> dict[str, Candidate]:
    return {candidate.point.id: candidate for candidate in arms if candidate is not None}


def _matched(query: Query, points: Iterable[StoredPoint]) -> list[Candidate]:
    points = list(points)
    theta = query.theta
    if theta is None:
        return [Candidate(point, None) for point in points]
    thetas = {point.id: point.theta for point in points if point.theta is not None}
    match = dict(zip(thetas, matches(theta, list(thetas.values())), strict=True))
    return [Candidate(point, match.get(point.id)) for point in points]
