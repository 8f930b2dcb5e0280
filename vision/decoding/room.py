"""Room: so much of something for all together, taken in the order of those who ask."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Room:
    """So many megabytes, of which each asks for its share; who asks for more than there is gets all of it, alone."""

    def __init__(self, megabytes: float) -> None:
        self.megabytes = megabytes
        self._left = megabytes
        self._waiting: deque[object] = deque()
        self._turn = threading.Condition()

    @contextmanager
    def share(self, megabytes: float | None) -> Iterator[None]:
        """Wait for a share, and hold it while the block runs; None asks for all of it."""
        wanted = self.megabytes if megabytes is None else min(megabytes, self.megabytes)
        ticket = object()
        with self._turn:
            self._waiting.append(ticket)  # in order, so that many small ones never keep a large one waiting
            self._turn.wait_for(lambda: self._waiting[0] is ticket and wanted <= self._left)
            self._waiting.popleft()
            self._left -= wanted
            self._turn.notify_all()
        try:
            yield
        finally:
            with self._turn:
                self._left += wanted
                self._turn.notify_all()
