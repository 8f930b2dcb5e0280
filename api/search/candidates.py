"""Candidates of all arms inside the gate's filter; weak ones are left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

import numpy as np

from api.search.admission import Visit
from api.search.query import Query
from api.search.question import Mode, Question
from compliance.facts import Child
from compliance.gate import Gate
from compliance.policy import Rule
from qdrant.filters import Filter, Not, Posts, Some, any_of, both
from qdrant.outline import Outline, outlines_of
from qdrant.points import WORDS, Fields
from qdrant.store import ScoredPoint, Search, Store, Target
from qdrant.vector_kind import THETA, VectorKind
from topic_model.match.mass import WEAK, distance_at, matches

CANDIDATES = 100
COUNTED = 200  # of each arm: to count by facets among more takes longer than people wait
GROUPED = 500  # of each arm, to put them together: each is read whole
MOST = 1000
NEAR = 0.25  # of the topics in common, for the sentence to stand in for a withheld post
SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that was found, in outline, and the topics in common: None when the query or the post has none.

    Its `match` is known once it stands in order; None where there is no model.
    """

    point: Outline
    shared: float | None
    match: float | None = None

    def shares(self, least: float) -> bool:
        """Whether it has so many topics in common with the query."""
        return (self.shared or 0.0) >= least


@dataclass(frozen=True, slots=True)
class Pool:
    """What the arms found: the first ones are ordered anew, the later ones follow as they came, so pages never overlap.

    `arms` are the hits of each arm, by its name, as the store ordered them, for where no model orders. `withheld`
    counts posts that nobody may see, for the sentences behind the first page.
    """

    first: Sequence[Candidate]
    later: Sequence[Candidate]
    arms: Mapping[str, Sequence[ScoredPoint]] = field(default_factory=dict)
    withheld: int = 0


def find(query: Query, store: Store, gate: Gate, extra: int = 0) -> Pool:
    """Collect what the mode's arms find, best first; what shares no word and less than WEAK is no hit."""
    question = query.question
    search = Search(
        limit=_depth(question) + extra,
        near={**_topics(query), **query.arms},
        words=query.sought if query.mode is not Mode.TOPICS else {},
        filter=both(visible(query.visit, gate), question.filter),
        audience=gate.audience(query.visit.rule),
    )
    withheld = None if question.offset else _withheld(query, gate)
    candidates, *held = store.candidates_of([search] if withheld is None else [search, withheld])
    matched = _matched(query, chain(*candidates.hits.values(), candidates.words))
    # An arm with a cutoff has left out what is weak already, by its own measure.
    weak = WEAK if question.min_match is None else 0.0  # who names a least match wants what reaches it
    weakest = {kind: weak if target.cutoff is None else 0.0 for kind, target in search.near.items()}
    arms = [_only(hits, matched, weakest[kind]) for kind, hits in candidates.hits.items()]
    arms.insert(len(_topics(query)), _only(candidates.words, matched, 0.0))  # topics come first
    # Later pages find more candidates: only the same first ones are ordered anew, else pages would overlap.
    first = _united(candidate for arm in arms for candidate in arm[:CANDIDATES])
    rest = _united(candidate for row in zip_longest(*(arm[CANDIDATES:] for arm in arms)) for candidate in row)
    return Pool(
        first=list(first.values()),
        later=[candidate for post, candidate in rest.items() if post not in first],
        arms={
            WORDS: candidates.words[:CANDIDATES],
            **{kind.name: hits[:CANDIDATES] for kind, hits in candidates.hits.items()},
        },
        withheld=sum(len(near.hits[THETA]) for near in held),
    )


def _depth(question: Question) -> int:
    """How many hits of each arm are looked at: all that there can be where their order depends on every one."""
    if question.sort:
        return MOST
    usual = max(CANDIDATES, COUNTED if question.facets else 0, GROUPED if question.group_by else 0)
    return min(max(usual, question.offset + question.limit + 1), MOST)


def _withheld(query: Query, gate: Gate) -> Search | None:
    """The posts that are withheld from an answer: few, near in topic, and by no word or wish of the visitor.

    Where the rule wants it, a sentence stands in for each; else nobody is told, but the record.
    Where they stood among the hits, or whether a word finds them, would tell what is in the posts.
    """
    rule = query.visit.rule
    kinds = gate.visible_kinds(rule)
    if kinds is None or query.theta is None:
        return None
    held = any_of(Fields.CHILD, frozenset(Child) - kinds)
    allowed = lawful(rule, gate)
    where = both(both(held, None if allowed is None else Not(allowed)), _fenced(query.visit, gate))
    return Search(SENTENCES, {THETA: Target(query.theta, cutoff=distance_at(NEAR))}, filter=where)


def visible(visit: Visit, gate: Gate) -> Filter | None:
    """The gate's filter and the fence of the visitor, which hold inside the store."""
    return both(lawful(visit.rule, gate), _fenced(visit, gate))


def is_within(post: str, visit: Visit, store: Store, gate: Gate) -> bool:
    """Whether a post is within the visitor's fence, whatever the law says of it."""
    fence = _fenced(visit, gate)
    return fence is None or store.any(both(Posts(frozenset({post})), fence))


def _fenced(visit: Visit, gate: Gate) -> Filter | None:
    return visit.fence.among(gate.audience(visit.rule)) if visit.fence else None


def lawful(rule: Rule, gate: Gate) -> Filter | None:
    """The gate's filter alone."""
    allowed = gate.visible(rule)
    if allowed is None:
        return None
    fields = ((Fields.VIS, allowed.ways), (Fields.CHILD, allowed.kinds))
    parts = [any_of(field, values) for field, values in fields if values]
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def _only(arm: Iterable[ScoredPoint], matched: Mapping[str, Candidate], least: float) -> list[Candidate | None]:
    """Blank what shares less, so that everything else keeps its rank."""
    candidates = (matched[hit.point.id] for hit in arm)
    return [candidate if candidate.shares(least) else None for candidate in candidates]


def _united(arms: Iterable[Candidate | None]) -> dict[str, Candidate]:
    return {candidate.point.id: candidate for candidate in arms if candidate is not None}


def _topics(query: Query) -> dict[VectorKind, Target]:
    """The topics as an arm, unless words alone are asked for."""
    return {} if query.theta is None or query.mode is Mode.WORDS else {THETA: Target(query.theta)}


def _matched(query: Query, hits: Iterable[ScoredPoint]) -> dict[str, Candidate]:
    """Compare each post once, whichever arms it was found by; by its id."""
    points = {hit.point.id: hit.point for hit in hits}
    outlines = outlines_of(list(points.values()))
    thetas = None if query.theta is None else outlines.vector(THETA)
    if query.theta is None or thetas is None:
        return {post: Candidate(point, None) for post, point in points.items()}
    shared = matches(query.theta, thetas)
    return {
        post: Candidate(point, None if np.isnan(mass) else mass)
        for (post, point), mass in zip(points.items(), shared, strict=True)
    }
