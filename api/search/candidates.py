"""Candidates of all arms inside the gate's filter; weak ones are left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np

from api.search.admission import Visit
from api.search.query import Query
from api.search.question import Mode, Question
from common.arrays import Bool, Float64, Index
from compliance.facts import Child
from compliance.gate import Gate
from compliance.policy import Rule
from qdrant.filters import Filter, Not, Posts, Some, any_of, both
from qdrant.outline import Outline, Outlines
from qdrant.points import WORDS, Fields
from qdrant.store import ArmRows, Search, Store, Target
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


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist(Sequence[Candidate]):
    """Candidates in an order, as rows of one table; one is made an object only when it is looked at.

    `shared` and `matches` stand beside the rows, and are NaN where they are not known.
    """

    table: Outlines
    rows: Index
    shared: Float64
    matches: Float64

    @property
    def ids(self) -> list[str]:
        """The host's ids of the posts."""
        return [self.table.ids[row] for row in self.rows.tolist()]

    @property
    def outlines(self) -> Outlines:
        """The outlines of all of them, in their order."""
        return self.table.take(self.rows)

    def holding(self, word: str) -> Bool:
        """Which posts hold a word."""
        return self.table.words.holding((word,))[self.rows]

    def take(self, places: Index | Bool | slice) -> "Shortlist":
        """Some of them."""
        return Shortlist(self.table, self.rows[places], self.shared[places], self.matches[places])

    def of(self, posts: Iterable[str]) -> "Shortlist":
        """Those of some posts, in the order of these."""
        places = {post: place for place, post in enumerate(self.ids)}
        return self.take(np.array([places[post] for post in posts], np.intp))

    def followed_by(self, others: "Shortlist") -> "Shortlist":
        """Both, one behind the other; they are of one table."""
        if not others:
            return self
        rows = np.concatenate([self.rows, others.rows])
        shared = np.concatenate([self.shared, others.shared])
        return Shortlist(self.table, rows, shared, np.concatenate([self.matches, others.matches]))

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> "Shortlist": ...
    def __getitem__(self, place: int | slice) -> "Candidate | Shortlist":
        if isinstance(place, slice):
            return self.take(place)
        point = Outline(self.table, int(self.rows[place]))
        return Candidate(point, known(self.shared[place]), known(self.matches[place]))


def known(value: float) -> float | None:
    """A number of a column; None for NaN, which stands where none is known."""
    return None if np.isnan(value) else float(value)


@dataclass(frozen=True, slots=True)
class Pool:
    """What the arms found: the first ones are ordered anew, the later ones follow as they came, so pages never overlap.

    `arms` are rows of the same table, by the name of each arm, as the store ordered them, for where no model orders.
    `withheld` counts posts that nobody may see, for the sentences behind the first page.
    """

    first: Shortlist
    later: Shortlist
    arms: Mapping[str, ArmRows] = field(default_factory=dict)
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
    shared = _shared(query, candidates.table)
    # An arm with a cutoff has left out what is weak already, by its own measure.
    weak = WEAK if question.min_match is None else 0.0  # who names a least match wants what reaches it
    weakest = {kind: weak if target.cutoff is None else 0.0 for kind, target in search.near.items()}
    arms = [_only(arm.rows, shared, weakest[kind]) for kind, arm in candidates.near.items()]
    arms.insert(len(_topics(query)), candidates.worded.rows)  # topics come first
    # Later pages find more candidates: only the same first ones are ordered anew, else pages would overlap.
    first = _once(np.concatenate([arm[:CANDIDATES] for arm in arms]))
    later = _once(_in_turn([arm[CANDIDATES:] for arm in arms]))
    later = later[~np.isin(later, first)] if len(later) else later
    found = {WORDS: candidates.worded, **{kind.name: arm for kind, arm in candidates.near.items()}}
    return Pool(
        _unmatched(candidates.table, first, shared),
        _unmatched(candidates.table, later, shared),
        arms={name: arm.only(slice(CANDIDATES)) for name, arm in found.items()},
        withheld=sum(len(one.near[THETA].rows) for one in held),
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


def _unmatched(table: Outlines, rows: Index, shared: Float64) -> Shortlist:
    return Shortlist(table, rows, shared[rows], np.full(len(rows), np.nan))


def _only(rows: Index, shared: Float64, least: float) -> Index:
    """Blank what shares less, or nothing that is known, by -1, so that everything else keeps its rank."""
    return np.where(shared[rows] >= least, rows, -1) if least else rows


def _in_turn(arms: Sequence[Index]) -> Index:
    """The first of each arm, then the second of each, to the end of the longest."""
    turns = np.full((max(map(len, arms)), len(arms)), -1)
    for column, rows in enumerate(arms):
        turns[: len(rows), column] = rows
    return turns.ravel()


def _once(rows: Index) -> Index:
    """Each row where it stands first; what is blank is none."""
    return np.array(list(dict.fromkeys(rows[rows >= 0].tolist())), np.intp)


def _topics(query: Query) -> dict[VectorKind, Target]:
    """The topics as an arm, unless words alone are asked for."""
    return {} if query.theta is None or query.mode is Mode.WORDS else {THETA: Target(query.theta)}


def _shared(query: Query, table: Outlines) -> Float64:
    """Compare each post once, whichever arms it was found by."""
    thetas = None if query.theta is None else table.vector(THETA)
    if query.theta is None or thetas is None:
        return np.full(len(table.ids), np.nan)
    return np.array(matches(query.theta, thetas))
