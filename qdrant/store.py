"""The Store protocol: what every engine does, in the same words and the same way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from qdrant.filters import Filter
from qdrant.points import Fields, PhotoPoint, StoredPoint, Written

Floats = NDArray[np.float32]
T = TypeVar("T")
BATCH = 500  # larger ones hold the embedded engine's lock for too long


class Hit(NamedTuple):
    """A point that was found, with its L1 distance (smaller is nearer) or its weight of words (larger is better)."""

    score: float
    point: StoredPoint


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a theta of the active model, words, or both; `filter` holds inside the engine."""

    limit: int
    theta: Floats | None = None
    words: Mapping[str, float] = field(default_factory=dict)
    filter: Filter | None = None


class Held(NamedTuple):
    """What is known about a post that is withheld."""

    vis: str
    child: str
    facts: Mapping[str, Any]

    def payload(self) -> dict[str, Any]:
        """The fields of the point that it changes."""
        packed = orjson.dumps(self.facts).decode()
        return {Fields.VIS: self.vis, Fields.CHILD: self.child, Fields.FACTS: packed}


class Candidates(NamedTuple):
    """What each arm found, best first; ties are ordered by id. Every point comes with its theta."""

    by_theta: list[Hit]
    by_words: list[Hit]


class Info(NamedTuple):
    """How large a store is and which models it holds thetas of."""

    posts: int
    models: Mapping[str, int]
    active: str | None
    engine: str


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

    def hold(self, posts: Mapping[str, Held]) -> int:
        """Withhold posts from now on, with these facts: what stands of them stays, their words leave the index."""
        ...

    def delete(self, ids: Sequence[str]) -> list[bool]:
        """Remove posts; tells for each whether it was there."""
        ...

    def candidates(self, search: Search) -> Candidates:
        """Find the nearest points by theta and the best by words, in one round trip."""
        ...

    def scroll(self, filter: Filter | None = None) -> Iterator[StoredPoint]:  # noqa: A002 - the word is the same everywhere
        """Go through every point once."""
        ...

    def count(self, filter: Filter | None = None) -> int:  # noqa: A002 - the word is the same everywhere
        """Count points."""
        ...

    def add_model(self, model: str, topics: int) -> None:
        """Make room for the thetas of a model."""
        ...

    def put_thetas(self, model: str, thetas: Iterable[tuple[str, Floats]]) -> None:
        """Fill in thetas of posts that are stored."""
        ...

    def activate(self, model: str) -> None:
        """Search this model's thetas from now on, and drop those of every other."""
        ...

    def info(self) -> Info:
        """Say how large the store is."""
        ...

    def close(self) -> None:
        """Let go of everything; the store can be opened again."""
        ...


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Cut items into lists that an engine takes in one go."""
    rest = iter(items)
    while part := list(islice(rest, BATCH)):
        yield part
