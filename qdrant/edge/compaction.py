"""Compaction: a copy of what lives is made beside those who read and write, who wait for its last step alone."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

from qdrant.attrs import AttrKind, path
from qdrant.engine.about import About
from qdrant.engine.protocol import Writing, batches
from qdrant.errors import StoreBusy, StoreError
from qdrant.points import WORDS

WholePoint = tuple[bytes, Mapping[str, Any], Mapping[str, Any]]  # with all vectors, sparse ones as numbers and weights
_FEW: Final = 2000  # points that are copied while all who write wait: about a second
_ROUNDS: Final = 5  # in which fewer and fewer are left, unless more is written than can be copied


class LiveShard(Protocol):
    """The shard that is copied, wherever it is open."""

    @property
    def about(self) -> About:
        """What the store says of itself."""
        ...

    def begin_copy(self) -> Path:
        """Where a copy may be made; from here on what is written is remembered."""
        ...

    def records(self, offset: UUID | None, names: Sequence[str]) -> tuple[list[WholePoint], UUID | None]:
        """The next points whole, with their vectors of these names, and where to go on; None at the end."""
        ...

    def touched(self, number: int) -> list[UUID]:
        """What was written since this was asked before; asked with one number again, it is told again."""
        ...

    def whole(self, keys: Sequence[UUID], names: Sequence[str]) -> list[WholePoint]:
        """Points whole, as far as they are there."""
        ...

    def end_copy(self) -> None:
        """Remember nothing any more."""
        ...

    def switch(self, shard: Path) -> None:
        """Put a copy in place; nobody writes meanwhile."""
        ...


class Copy(Protocol):
    """A shard in the making."""

    def index(self, field: str, kind: AttrKind) -> None:
        """Make a field one that can be filtered by."""
        ...

    def put(self, points: Iterable[WholePoint]) -> None:
        """Take over points."""
        ...

    def drop(self, keys: Collection[UUID]) -> None:
        """Remove points."""
        ...

    def build(self) -> None:
        """Build the graphs of what is there."""
        ...

    def close(self) -> None:
        """Have it on disk."""
        ...


def compact(source: LiveShard, make: Callable[[Path, About], Copy], writing: Writing) -> None:
    """Copy what lives, and then what was written meanwhile; `writing` keeps others from writing at both ends."""
    with writing():
        folder, begun = source.begin_copy(), source.about
    names = [WORDS, *begun.names]
    try:
        copy = make(folder, begun)
        try:
            for points in _pages(source, names):
                copy.put(points)
            copy.build()
            for number in range(_ROUNDS):
                if _catch_up(source, copy, names, number) <= _FEW:
                    break
            with writing():
                _catch_up(source, copy, names, _ROUNDS)
                _follow(source.about, begun, copy)
                copy.close()
                source.switch(folder)
        except BaseException:
            with suppress(StoreError):
                copy.close()
            raise
    finally:
        with suppress(StoreError):
            source.end_copy()


def _pages(source: LiveShard, names: Sequence[str]) -> Iterator[list[WholePoint]]:
    points, offset = source.records(None, names)
    while points:
        yield points
        points, offset = source.records(offset, names) if offset is not None else ([], None)


def _catch_up(source: LiveShard, copy: Copy, names: Sequence[str], number: int) -> int:
    """Copy anew what was written since this was done last, and tell how much that was."""
    keys = source.touched(number)
    for part in batches(keys):
        points = source.whole(part, names)
        copy.drop({*part}.difference(UUID(bytes=key) for key, *_ in points))
        copy.put(points)
    return len(keys)


def _follow(now: About, begun: About, copy: Copy) -> None:
    """Index the fields that are new; what vectors there are has to be as it was."""
    if now.vectors != begun.vectors:
        raise StoreBusy("A model came or went while the store was compacted, and nothing was changed: ask again.")
    for kind, name in sorted(now.attrs.keys() - begun.attrs.keys()):
        copy.index(path(kind, name), kind)
