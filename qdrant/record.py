"""The record a collection of a server carries: its format, its models, and the one that is searched."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qdrant.errors import ModelMissing, StoreDamaged
from qdrant.folder import FORMAT, About
from qdrant.points import theta_name
from qdrant.refusals import Refused

_KEY = "photosense"  # one key for all, because the server merges metadata by its outermost keys
T = TypeVar("T")


class Record:
    """The record as this process last saw it; another process may have changed it since.

    It is the collection's metadata, not a reserved point: so it comes into being in one step with the collection, and
    no search, scroll or count has to step around it.
    """

    def __init__(
        self, place: str, read: Callable[[], Mapping[str, Any] | None], write: Callable[[dict[str, Any]], None]
    ) -> None:
        """Look at the record for the first time; `place` names the collection in errors."""
        self._place, self._read, self._write = place, read, write
        self.about = self.look()

    @property
    def active(self) -> str | None:
        """The model whose thetas are searched."""
        return self.about.active

    @property
    def theta_names(self) -> list[str]:
        """Names of the vectors that are read with every point."""
        return [theta_name(self.active)] if self.active else []

    def look(self) -> About:
        """Read the record anew."""
        match (self._read() or {}).get(_KEY):
            case {"format": format_} if format_ != FORMAT:
                raise StoreDamaged(
                    f"{self._place} has format {format_!r}, this version reads {FORMAT}. "
                    "Name another collection and ingest the posts again."
                )
            case {"format": _, "models": dict(sizes), "active": None | str() as active}:
                self.about = About(sizes, active)
                return self.about
            case _:
                raise StoreDamaged(
                    f"{self._place} is no photosense store (its metadata has no whole `{_KEY}`): "
                    "name another collection, or restore this one from a snapshot."
                )

    def write(self, about: About) -> None:
        """Replace the record."""
        self._write(metadata_of(about))
        self.about = about

    def needed(self, model: str | None) -> str:
        """Give the model that a theta was asked with, unless the thetas have moved on."""
        if model is None:
            raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
        if model != self.active:
            raise ModelMissing(f"Another process has put {self.active} in place of {model}: load it and ask again.")
        return model

    def followed(self, ask: Callable[[], T]) -> T:
        """Ask, and once more when another process has switched models meanwhile: the old vectors are then gone."""
        model = self.active
        try:
            return ask()
        except Refused:
            if self.look().active == model:
                raise
        return ask()


def metadata_of(about: About) -> dict[str, Any]:
    """Pack a record into a collection's metadata."""
    return {_KEY: {"format": FORMAT, "models": dict(about.models), "active": about.active}}
