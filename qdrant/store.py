"""The Store protocol: what every engine does, in the same words and the same way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from qdrant.engine.write_plan import Written
from qdrant.filters import Filter
from qdrant.points import Fields, PhotoPoint, StoredPoint

Floats = NDArray[np.float32]


class ScoredPoint(NamedTuple):
    """A point that was found: its L1 distance (smaller is nearer), weight of words or cosine (larger is better)."""

    score: float
    point: StoredPoint


class Foreign(NamedTuple):
    """Where a dual encoder places what is asked; posts whose cosine is below `least` are not found by it."""

    encoder: str
    place: Floats
    least: float = -1.0


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a theta of the active model, words, posts like and unlike others; `filter` holds inside.

    `aligned` is where the active model places what is asked among the photos, `foreign` where a dual encoder does.

    `exact` None lets the size of the store decide between comparing all thetas and walking a graph of them.
    """

    limit: int
    theta: Floats | None = None
    words: Mapping[str, float] = field(default_factory=dict)
    aligned: Floats | None = None
    foreign: Foreign | None = None
    filter: Filter | None = None
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    exact: bool | None = None


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


class Candidates(NamedTuple):
    """What each arm found, best first, ties ordered by the point's id; every point comes with its theta.

    `exact` tells whether all thetas were compared.
    """

    by_theta: list[ScoredPoint]
    by_words: list[ScoredPoint]
    by_aligned: list[ScoredPoint] = []  # noqa: RUF012 - nobody writes to it
    by_foreign: list[ScoredPoint] = []  # noqa: RUF012 - as above
    exact: bool = True


class Info(NamedTuple):
    """How large a store is, what it holds and what it can be filtered by; `parts` are the shards of a cluster."""

    posts: int
    models: Mapping[str, int]
    active: str | None
    engine: str
    attrs: Mapping[str, Sequence[str]] = {}
    parts: Sequence[str] = ()
    aligned: Mapping[str, int] = {}
    foreign: Mapping[str, int] = {}


class Saved(NamedTuple):
    """What a backup holds."""

    place: Path
    posts: int
    bytes: int


class Store(Protocol):
    """Keeps points. Whatever returned is safe on disk; whatever was refused changed nothing."""

    @property
    def active(self) -> str | None:
        """The model whose thetas are searched."""
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

    def delete_where(self, filter: Filter) -> int:  # noqa: A002 - the word is the same everywhere
        """Remove the posts that pass; tells how many."""
        ...

    def candidates(self, search: Search) -> Candidates:
        """Find the nearest points by theta and by place and the best by words, in one round trip."""
        ...

    def candidates_of(self, searches: Sequence[Search]) -> list[Candidates]:
        """Answer several searches in one round trip, in order."""
        ...

    def scroll(self, filter: Filter | None = None, *, features: bool = False) -> Iterator[StoredPoint]:  # noqa: A002 - the word is the same everywhere
        """Go through every point once; with what was measured in photos when that is wanted."""
        ...

    def count(self, filter: Filter | None = None) -> int:  # noqa: A002 - the word is the same everywhere
        """Count points."""
        ...

    def facet(self, field: str, limit: int, filter: Filter | None = None) -> dict[str, int]:  # noqa: A002 - as above
        """Count the points for each word of a field, the most frequent first, ties by the word."""
        ...

    def add_model(self, model: str, topics: int, aligned: int = 0) -> None:
        """Make room for the thetas of a model, and for its places of photos among texts when it has any."""
        ...

    def put_thetas(self, model: str, thetas: Iterable[tuple[str, Floats]]) -> None:
        """Fill in thetas of posts that are stored."""
        ...

    def put_aligned(self, model: str, places: Iterable[tuple[str, Floats]]) -> None:
        """Fill in where a model places photos of posts that are stored."""
        ...

    def add_foreign(self, encoder: str, size: int) -> None:
        """Make room for where a dual encoder places photos; nothing changes when there is."""
        ...

    def put_foreign(self, encoder: str, places: Iterable[tuple[str, Floats]]) -> None:
        """Fill in where a dual encoder places photos of posts that are stored."""
        ...

    def drop_foreign(self, encoder: str) -> None:
        """Drop what a dual encoder placed."""
        ...

    def activate(self, model: str) -> None:
        """Search this model's thetas from now on, and drop those of every other."""
        ...

    def drop_model(self, model: str) -> None:
        """Drop the thetas of a model that is not searched."""
        ...

    def info(self) -> Info:
        """Say how large the store is."""
        ...

    def optimize(self) -> None:
        """Leave nothing on disk of what was deleted or replaced, and build what makes a large store fast."""
        ...

    def backup(self, place: Path) -> Saved:
        """Copy everything to a folder that does not exist yet, with checksums."""
        ...

    def close(self) -> None:
        """Let go of everything; the store can be opened again."""
        ...
