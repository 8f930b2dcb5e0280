"""Room for bodies: what all requests that are under way may have sent together."""

from typing import Final

from api.errors import Busy

SMALL: Final = 2**16  # up to this nothing is counted: no text is larger


class BodyRoom:
    """So many bytes; a body takes what it announces, and what it sends beyond that."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0

    def open(self) -> "BodyShare":
        """Begin with the body of one request."""
        return BodyShare(self)

    def take(self, size: int) -> None:
        """Take further bytes, or refuse at once."""
        if self.taken + size > self._most:
            raise Busy("large bodies")
        self.taken += size

    def give(self, size: int) -> None:
        """Give bytes back."""
        self.taken -= size


class BodyShare:
    """What one request has of the room."""

    def __init__(self, room: BodyRoom) -> None:
        self._room = room
        self._taken = 0

    def grow(self, size: int) -> None:
        """See to it that so many bytes are taken in all."""
        if size > max(self._taken, SMALL):
            self._room.take(size - self._taken)
            self._taken = size

    def close(self) -> None:
        """Give all of it back."""
        self._room.give(self._taken)
        self._taken = 0
