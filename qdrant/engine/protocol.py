"""What an engine has to offer, so that one Store is written for all: the smallest steps, without any rule of ours."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import numpy as np

from common.arrays import Bytes, Float32, Float64, Index, Int64
from qdrant.attrs import AttrKind
from qdrant.engine.about import About
from qdrant.filters import Filter
from qdrant.outline import Outlines
from qdrant.points import StoredPoint
from qdrant.store import Facet, FacetCounts, Order, Saved, Value
from qdrant.vector_kind import NamedVector

T = TypeVar("T")
Vector = Float32 | Mapping[str, float] | Sequence[Any]  # the last: words numbered, and their weights
Writing = Callable[[], AbstractContextManager[None]]  # keeps others from writing
BATCH = 500  # larger ones hold the embedded engine's lock for too long
KEY = np.dtype("V16")  # the sixteen bytes of a UUID


class Arm(NamedTuple):
    """One question to one named vector: what dense vectors should be near to, or words with their weights."""

    vector: str
    query: Vector
    limit: int
    filter: Filter | None
    exact: bool
    larger: bool  # whether a larger score is better


@dataclass(frozen=True, slots=True, eq=False)
class ArmKeys:
    """Points that answer an arm, in columns; `points` are those that the engine gave right away, by key.

    No object is made of a point here: most of those that are found are never shown.
    """

    keys: Bytes
    scores: Float64
    versions: Int64
    points: Mapping[bytes, StoredPoint] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        keys: Sequence[UUID],
        scores: Sequence[float],
        versions: Sequence[int] | None = None,
        points: Mapping[bytes, StoredPoint] | None = None,
    ) -> "ArmKeys":
        """Put points into columns."""
        packed = np.frombuffer(b"".join([key.bytes for key in keys]), KEY)
        numbers = np.zeros(len(keys), np.int64) if versions is None else np.array(versions, np.int64)
        return cls(packed, np.array(scores, np.float64), numbers, points or {})

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: Index | slice) -> "ArmKeys":
        """Some of them, in their order."""
        return ArmKeys(self.keys[rows], self.scores[rows], self.versions[rows], self.points)


class Packed(NamedTuple):
    """A point as it is written."""

    key: UUID
    vectors: Mapping[str, Vector]
    payload: Mapping[str, Any]


class Listed(NamedTuple):
    """A post, and the values of one field of it, as they are stored."""

    id: str
    values: Sequence[Any]


class Change(NamedTuple):
    """Some fields of a point, and the words that it is found by; None: by none."""

    key: UUID
    payload: Mapping[str, Any]
    words: Vector | None


class Engine(Protocol):
    """An engine of one folder or collection. Points are named by key: the UUID of a post."""

    name: str
    turn: AbstractContextManager[None]  # of who writes: what was read stands until it is written

    @property
    def is_calm(self) -> bool:
        """Whether nobody writes, as far as is known, so that an answer takes no longer than it takes."""
        ...

    @property
    def about(self) -> About:
        """What the store says of itself, as last seen."""
        ...

    @property
    def written(self) -> str:
        """A word that is another one after whatever was written; empty where the engine says nothing of it."""
        ...

    def look(self) -> About:
        """Read anew what the store says of itself."""
        ...

    def record(self, about: About) -> None:
        """Write what the store says of itself."""
        ...

    def writing(self, *, room: int | None) -> AbstractContextManager[None]:
        """Safe on disk at the end; refused at the start where there is no room for so many bytes, unless it is None."""
        ...

    def followed(self, ask: Callable[[], T]) -> T:
        """Ask, and once more when another process has put another model in place meanwhile."""
        ...

    def write(self, points: Sequence[Packed]) -> Collection[UUID]:
        """Replace points whole; gives those that somebody else wrote a newer version of meanwhile, and that stay."""
        ...

    def change(self, changes: Sequence[Change]) -> None:
        """Change points that are there, all of it or nothing, whatever fails in between."""
        ...

    def put(self, vector: str, values: Mapping[UUID, Vector]) -> None:
        """Replace one vector of points, by key."""
        ...

    def erase(self, keys: Sequence[UUID]) -> None:
        """Remove points."""
        ...

    def erase_where(self, wanted: Filter) -> None:
        """Remove the points that pass."""
        ...

    def read(self, keys: Sequence[UUID], fields: Sequence[str], model: str | None) -> dict[UUID, StoredPoint]:
        """Read some fields of points, by key, with the dense vectors of a model."""
        ...

    def rank(self, arms: Sequence[Arm], model: str | None, *, with_points: bool) -> list[ArmKeys]:
        """Answer every arm in one round trip, best first; points come with the vectors of a model."""
        ...

    def read_ahead(self, model: str) -> None:
        """Begin to read what an exact question by a model is answered by, where that is kept outside the engine."""
        ...

    def outlines(self, rankings: Sequence[ArmKeys], model: str | None) -> tuple[Outlines, list[Index]]:
        """One table of all points that were ranked, with the vectors of a model, and each ranking as rows of it.

        What was removed meanwhile has no row: -1.
        """
        ...

    def page(
        self, wanted: Filter | None, offset: Any, fields: Sequence[str], model: str | None
    ) -> tuple[list[StoredPoint], Any]:
        """Read some fields of the next points in the order of their keys, and where to go on; None at the end."""
        ...

    def listed_by_id(self, wanted: Filter | None, field: str, start: UUID, limit: int) -> list[Listed]:
        """List points in the order of their keys, from one on."""
        ...

    def listed_by_value(self, wanted: Filter | None, order: Order, start: Value | None, limit: int) -> list[Listed]:
        """List points in the order of a field, from a value on, equals in any order; one of several values often."""
        ...

    def size(self) -> int:
        """Say about how many points there are, at no cost."""
        ...

    def any(self, wanted: Filter | None) -> bool:
        """Say whether some point passes."""
        ...

    def count(self, wanted: Filter | None) -> int:
        """Count points."""
        ...

    def tally(self, facets: Sequence[Facet], wanted: Filter | None) -> tuple[int, list[FacetCounts]]:
        """Count the points that pass, and those among them by each facet."""
        ...

    def index(self, field: str, kind: AttrKind) -> None:
        """Make a payload field one that can be filtered by."""
        ...

    def make_vector(self, vector: NamedVector, size: int) -> None:
        """Make room for a dense vector; nothing is in it then."""
        ...

    def drop_vector(self, vector: NamedVector) -> None:
        """Drop a dense vector from every point."""
        ...

    def parts(self) -> Sequence[str]:
        """Describe the parts that the points are spread over, when there are several."""
        ...

    def optimize(self, writing: Writing) -> None:
        """Compact and build graphs; within `writing` nobody else writes, which is for a moment at both ends."""
        ...

    def backup(self, folder: Path, writing: Writing) -> Saved:
        """Copy everything, within `writing`."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class Alone:
    """What is simple for an engine whose store no other process can reach."""

    is_calm = True

    @property
    def about(self) -> About:
        """What the store says of itself."""
        raise NotImplementedError

    def look(self) -> About:
        """Nobody else can have changed it."""
        return self.about

    def followed(self, ask: Callable[[], T]) -> T:
        """No other process can put a model in place."""
        return ask()

    def parts(self) -> Sequence[str]:
        """There is one, and nothing beside it."""
        return ()


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut items into lists that an engine takes in one go."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
