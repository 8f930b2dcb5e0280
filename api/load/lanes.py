"""The lanes of the service: what is asked by photo, what is searched otherwise, what is sent in bulk, and singly."""

from dataclasses import dataclass
from functools import partial
from typing import Final, Self

from api.load.lane import Lane
from api.load.stop import Stop
from api.settings import ServiceSettings

CHANGES: Final = 4  # at once: one is stored while photos of others are decoded
CHANGES_WAITING: Final = 64


@dataclass(frozen=True, slots=True)
class Lanes:
    """One for each kind of work, so that none of them crowds out another."""

    photos: Lane
    searches: Lane
    bulks: Lane
    changes: Lane

    @classmethod
    def of(cls, settings: ServiceSettings, stop: Stop) -> Self:
        """Make those that the settings describe."""
        lane = partial(Lane, seconds=settings.wait_seconds, stop=stop)
        return cls(
            lane("questions by photo", settings.photo_questions, settings.photo_questions_waiting),
            lane("searches", settings.searches, settings.searches_waiting),
            lane("bulks", settings.bulks, settings.bulks_waiting),
            lane("changes of posts", CHANGES, CHANGES_WAITING),
        )
