"""The lanes of the service: what is asked by photo, what is searched otherwise, what is sent in bulk, and singly."""

from dataclasses import dataclass
from typing import Final, Self

from api.load.lane import Lane
from api.settings import ServiceSettings

_CHANGES: Final = 4  # at once: one is stored while photos of others are decoded
_CHANGES_WAITING: Final = 64


@dataclass(frozen=True, slots=True)
class Lanes:
    """One for each kind of work, so that none of them crowds out another."""

    photos: Lane
    searches: Lane
    bulks: Lane
    changes: Lane

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """Make those that the settings describe; a bulk does not wait, as the one before may go on for hours."""
        seconds = settings.wait_seconds
        return cls(
            Lane("questions by photo", settings.photo_questions, settings.photo_questions_waiting, seconds),
            Lane("searches", settings.searches, settings.searches_waiting, seconds),
            Lane("bulks", settings.bulks, 0, seconds),
            Lane("changes of posts", _CHANGES, _CHANGES_WAITING, seconds),
        )
