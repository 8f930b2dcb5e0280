"""The Store protocol: what every engine does, in the same words and the same way."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from common.arrays import Bool, Float32, Float64, Index
from qdrant.attrs import called
from qdrant.engine.write_plan import Written
from qdrant.errors import FilterRefused
from qdrant.filters import Bound, Filter
from qdrant.outline import Outline, Outlines
from qdrant.points import Fields, PhotoPoint, StoredPoint
from qdrant.steps import Step, start_of
from qdrant.vector_kind import NamedVector, VectorKind

Value = Bound  # of a field that posts are put in order by
MOST_STEPS = 1000


class ScoredPoint(NamedTuple):
    """A point that was found: its L1 distance (smaller is nearer), weight of words or cosine (larger is better)."""

    score: float
    point: Outline


class Target(NamedTuple):
    """What is looked for by a kind of vectors: of the encoder `owner`, or of the model that is searched.

    Posts beyond `cutoff`, an L1 distance or a cosine, are not found.
    """

    values: Float32
    owner: str = ""
    cutoff: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: vectors of some kinds, words, posts like and unlike others; `filter` holds inside.

    Its fields are those of posts that some audience of `audience` may see; None: of anybody's.
    `exact` None lets the size of the store decide between comparing all vectors and walking a graph of them.
    """

    limit: int
    near: Mapping[VectorKind, Target] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)
    filter: Filter | None = None
    audience: frozenset[str] | None = None
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    exact: bool | None = None


class Order(NamedTuple):
    """By which field posts are put in order: a number or a time."""

    field: str
    descending: bool = True


class OrderedPost(NamedTuple):
    """A post in an order, and the value that it stands there by: None where it lacks the field."""

    value: Value | None
    id: str


class Facet(NamedTuple):
    """What posts are counted by: the words of a field, those with `containing` in them, or its numbers or times.

    Those are counted in steps: of a width, or by year, month or day. Without one only the least and the most are told.
    """

    field: str
    limit: int = 10
    step: Step | None = None
    containing: str = ""


class Count(NamedTuple):
    """How many posts hold a word, or a number or time of the step that begins with it."""

    value: str | Value
    posts: int


class FacetCounts(NamedTuple):
    """How many posts hold what: words, the most frequent first, or steps in their order; `others` are left out."""

    counts: Sequence[Count]
    least: Value | None = None
    most: Value | None = None
    others: int = 0

    @classmethod
    def in_steps(cls, facet: Facet, places: Iterable[tuple[int, int]], least: Value, most: Value) -> "FacetCounts":
        """Count by steps, each given by its number."""
        found = sorted(places)
        if facet.step is None or len(found) > MOST_STEPS:
            raise FilterRefused(
                f"{called(facet.field)} has more than {MOST_STEPS} steps of {facet.step}: choose wider ones."
            )
        return cls(tuple(Count(start_of(place, facet.step), posts) for place, posts in found), least, most)


class Standing(NamedTuple):
    """What is known of a post and children, where it is open, and the words it may be found by."""

    vis: str | Sequence[str]
    child: str
    facts: Mapping[str, Any]
    words: Mapping[str, float] = {}

    def payload(self) -> dict[str, Any]:
        """The fields of the point that it changes."""
        packed = orjson.dumps(self.facts).decode()
        return {Fields.VIS: self.vis, Fields.CHILD: self.child, Fields.FACTS: packed}


class PostVector(NamedTuple):
    """A vector of a post; `changed` is when the post was written that it was made of, None: it does not matter."""

    post: str
    values: Float32
    changed: datetime | None = None

    def fits(self, there: StoredPoint | None) -> bool:
        """Whether the post that is stored is the one that the vector was made of."""
        return there is not None and (self.changed is None or self.changed == there.changed)


class ArmRows(NamedTuple):
    """What an arm found, best first: rows of a table of outlines, and the score of each."""

    rows: Index
    scores: Float64

    def only(self, which: Bool | slice) -> "ArmRows":
        """Some of them."""
        return ArmRows(self.rows[which], self.scores[which])

    def points(self, table: Outlines) -> list[ScoredPoint]:
        """Each by itself."""
        found = zip(self.scores.tolist(), self.rows.tolist(), strict=True)
        return [ScoredPoint(score, Outline(table, row)) for score, row in found]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What each arm found, best first, ties ordered by the point's id, as rows of one table.

    `near` has every kind that was asked for, `worded` is the arm of the words. `exact` tells whether all vectors were
    compared.
    """

    table: Outlines
    near: Mapping[VectorKind, ArmRows]
    worded: ArmRows
    exact: bool = True

    @property
    def hits(self) -> dict[VectorKind, list[ScoredPoint]]:
        """What the arms of vectors found, each by itself."""
        return {kind: arm.points(self.table) for kind, arm in self.near.items()}

    @property
    def words(self) -> list[ScoredPoint]:
        """What the words found, each by itself."""
        return self.worded.points(self.table)


class Info(NamedTuple):
    """How large a store is, what it holds and what it can be filtered by; `parts` are the shards of a cluster."""

    posts: int
    vectors: Mapping[NamedVector, int]
    active: str | None
    engine: str
    attrs: Mapping[str, Sequence[str]] = {}
    parts: Sequence[str] = ()

    def sizes(self, kind: VectorKind) -> dict[str, int]:
        """How long the vectors of a kind are, by the model or encoder that they belong to."""
        return {vector.owner: size for vector, size in self.vectors.items() if vector.kind == kind}


class Saved(NamedTuple):
    """What a backup holds."""

    folder: Path
    posts: int
    bytes: int


class Store(Protocol):
    """Keeps points. Whatever returned is safe on disk; whatever was refused changed nothing."""

    @property
    def active(self) -> str | None:
        """The model whose vectors are searched here."""
        ...

    def in_force(self) -> str | None:
        """The model that was activated last; another process may have done that just now."""
        ...

    def vectors(self) -> Collection[NamedVector]:
        """The vectors that there is room for; another process may have made or dropped some just now."""
        ...

    def of_model(self, model: str) -> "Store":
        """The same store, which searches this model's vectors, whichever is in force."""
        ...

    @property
    def is_calm(self) -> bool:
        """Whether nobody writes, as far as is known, so that an answer comes at once."""
        ...

    @property
    def written(self) -> str:
        """A word that is another one after whatever was written; empty where that is not known."""
        ...

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        """Write points, newest version wins; one outcome a point, in order."""
        ...

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        """Read posts by the host's ids, in order; None where there is none."""
        ...

    def set_facts(self, posts: Mapping[str, Standing]) -> int:
        """Change what is known of posts and children, and the words they are found by; all else stays as it is."""
        ...

    def delete(self, ids: Sequence[str]) -> list[bool]:
        """Remove posts; tells for each whether it was there."""
        ...

    def delete_where(self, where: Filter) -> int:
        """Remove the posts that pass; tells how many."""
        ...

    def candidates(self, search: Search) -> Candidates:
        """Find the nearest points by each kind of vectors and the best by words, in one round trip."""
        ...

    def candidates_of(self, searches: Sequence[Search]) -> list[Candidates]:
        """Answer several searches in one round trip, in order."""
        ...

    def scroll(self, where: Filter | None = None, *, features: bool = False) -> Iterator[StoredPoint]:
        """Go through every point once; with what was measured in photos when that is wanted."""
        ...

    def positions(
        self,
        order: Order,
        limit: int,
        where: Filter | None = None,
        audience: frozenset[str] | None = None,
        after: OrderedPost | None = None,
    ) -> list[OrderedPost]:
        """The next posts of an order behind a position, which need not be there any more.

        Equals stand in the order of their points' ids, and what lacks the field at the end.
        """
        ...

    def knows(self, field: str, audience: frozenset[str] | None = None) -> bool:
        """Say whether a field can be filtered by: some post has it that one of these audiences sees; None: anybody."""
        ...

    def any(self, where: Filter | None = None) -> bool:
        """Say whether some point passes, sooner than by counting them."""
        ...

    def count(self, where: Filter | None = None) -> int:
        """Count points."""
        ...

    def tally(
        self, facets: Sequence[Facet], where: Filter | None = None, audience: frozenset[str] | None = None
    ) -> tuple[int, list[FacetCounts]]:
        """Count the posts that pass, and those among them by each facet; ties stand in the order of their words."""
        ...

    def add_vector(self, vector: NamedVector, size: int) -> None:
        """Make room for a vector; nothing changes when there is."""
        ...

    def put_vectors(self, vector: NamedVector, values: Iterable[PostVector | tuple[str, Float32]]) -> None:
        """Fill in a vector of posts that are stored, unless they were written since it was made."""
        ...

    def drop_vector(self, vector: NamedVector) -> None:
        """Drop a vector of every post; those of the model that is searched stay."""
        ...

    def activate(self, model: str, keep: Collection[str] = ()) -> None:
        """Put a model in force, and drop the vectors of every other but those to keep."""
        ...

    def info(self) -> Info:
        """Say how large the store is."""
        ...

    def optimize(self) -> None:
        """Leave nothing on disk of what was deleted or replaced, and build what makes a large store fast."""
        ...

    def backup(self, folder: Path) -> Saved:
        """Copy everything to a folder that does not exist yet, with checksums."""
        ...

    def close(self) -> None:
        """Let go of everything; the store can be opened again."""
        ...
