"""The record a collection of a server carries: its format, its models, and the one that is searched."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qdrant.engine.about import About, OtherFormat, unpack
from qdrant.errors import StoreDamaged
from qdrant.server.refusals import ServerRefused

# The server merges metadata by its outermost keys: what different processes write has a key each.
_KEY, _ATTRS = "photosense", "photosense_attrs"
T = TypeVar("T")


class StoreRecord:
    """The record as this process last saw it; another process may have changed it since.

    It is the collection's metadata, not a reserved point: so it comes into being in one step with the collection, and
    no search, scroll or count has to step around it.
    """

    def __init__(
        self, name: str, read: Callable[[], Mapping[str, Any] | None], write: Callable[[dict[str, Any]], None]
    ) -> None:
        """Look at the record for the first time; `name` names the collection in errors."""
        self._name, self._read, self._write = name, read, write
        self.about = self.look()

    def look(self) -> About:
        """Read the record anew."""
        try:
            read = self._read() or {}
            kept = read.get(_KEY)
            self.about = unpack({**kept, "attrs": read.get(_ATTRS)} if isinstance(kept, dict) else kept)
        except OtherFormat as other:
            raise StoreDamaged(
                f"{self._name} has {other}. Name another collection and ingest the posts again, or use the version "
                "that wrote it."
            ) from None
        except (ValueError, TypeError):
            raise StoreDamaged(
                f"{self._name} is no photosense store (its metadata has no whole `{_KEY}`): "
                "name another collection, or restore this one from a snapshot."
            ) from None
        return self.about

    def write(self, about: About) -> None:
        """Replace what changed of the record, and nothing that another process may have changed meanwhile."""
        before = metadata_of(self.about)
        self._write({key: value for key, value in metadata_of(about).items() if value != before[key]})
        self.about = about

    def followed(self, ask: Callable[[], T]) -> T:
        """Ask, and once more when another process has switched models meanwhile: the old vectors are then gone."""
        model = self.about.active
        try:
            return ask()
        except ServerRefused:
            if self.look().active == model:
                raise
        return ask()


def metadata_of(about: About) -> dict[str, Any]:
    """Pack a record into a collection's metadata."""
    packed = about.pack()
    return {_ATTRS: packed.pop("attrs"), _KEY: packed}
