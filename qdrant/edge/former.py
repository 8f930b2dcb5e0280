"""Stores of former formats: what they are, and how their points come into a store of today's, in one step."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import orjson

from common.files import new_folder, sync, write_file
from qdrant.edge.engine import EdgeEngine
from qdrant.edge.files import allocated, copy, sizes
from qdrant.edge.folder import FILES, WAY_BACK, Folder, check_space, own
from qdrant.engine.about import About
from qdrant.errors import StoreDamaged
from qdrant.points import Fields, StoredPoint

_ABOUT: Final = "store.json"
_ONLY_SHARD: Final = "shard"  # of format 1, which had but one and no list of files


def store_format(store: Path) -> int:
    """The format that a store says it has."""
    try:
        return int(orjson.loads((store / _ABOUT).read_bytes())["format"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{store} is no photosense store ({_ABOUT} is missing or damaged): {WAY_BACK}.") from error


def keep_beside(store: Path, place: Path) -> None:
    """Copy a store that nobody has open, as it is; one that was copied before stays."""
    if not place.exists():
        check_space(store.parent, 2 * allocated(store))
        with new_folder(place) as aside:
            copy(store, aside)


class FormerStore:
    """A store of a former format, open to be read; nobody else opens it meanwhile."""

    def __init__(self, store: Path, before: Callable[[], None]) -> None:
        """Open it; `before` is done while nobody has it open, and before anything of it is touched."""
        folder = own(store)
        try:
            before()
        finally:
            folder.close()
        if not (store / FILES).exists():
            listed = {"held": None, "shard": _ONLY_SHARD, "files": sizes(store / _ONLY_SHARD)}
            write_file(store / FILES, orjson.dumps(listed))
        self._engine = EdgeEngine(store, former=True)

    @property
    def about(self) -> About:
        """What it says of itself."""
        return self._engine.about

    def count(self) -> int:
        """How many points it holds."""
        return self._engine.count(None)

    def points(self, model: str | None) -> Iterator[StoredPoint]:
        """Every point, with all that is kept of it and the vectors of a model."""
        offset, more = None, True
        while more:
            points, offset = self._engine.page(None, offset, Fields.LEARNED_FROM, model)
            yield from points
            more = offset is not None

    def close(self) -> None:
        """Let go of it."""
        self._engine.close()


def take_the_place(store: Path, new: Path) -> None:
    """Put the shard of a new store, which is closed, in the place of that of an old one, in one step."""
    folder = Folder(store, lambda _: None, former=True)
    try:
        made = Folder(new, lambda _: None)
        try:
            shard = folder.next_shard
            sync(made.shard)
            made.shard.rename(shard)
            folder.about = made.about
            folder.switch(shard)
            folder.clear_up()
        finally:
            made.close()
    finally:
        folder.close()
