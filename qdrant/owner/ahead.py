"""Reading ahead: the outlines of all posts are read before anybody asks for them, in the pauses of those who ask."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from qdrant.edge.columns import Columns, Read
from qdrant.errors import StoreError

_FEW: Final = 128  # points that are read at once: whoever owns the store holds Python's lock for some milliseconds
_AGAIN: Final = 3  # questions that waited for outlines, before all of them are read
_REST: Final = 0.05  # seconds, at most, after each part
_SHARE: Final = 1 / 4  # of the time that a part took
_LOOK: Final = 0.1  # seconds from one look at whether it is known what there is to the next
_PATIENCE: Final = 60.0  # seconds for that to be known
_PAUSE: Final = 30.0  # seconds from one look at everything to the next


class Ahead:
    """Reads what columns do not know, behind those who ask; `versions` gives all points, or None while nobody knows."""

    def __init__(self, versions: Callable[[], Mapping[bytes, int] | None]) -> None:
        self._versions = versions
        self._turn = threading.Lock()
        self._asked, self._next = 0, 0.0
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def begin(self, columns: Columns, read: Read) -> None:
        """Somebody had to wait: where that was so before, read all that is left, unless that was just done."""
        with self._turn:
            self._asked += 1
            if self._asked >= _AGAIN and time.monotonic() >= self._next:
                self._asked = 0
                self._start(columns, read, 0.0)

    def start(self, columns: Columns, read: Read) -> None:
        """Read all of them before anybody waits, as soon as it is known what there is."""
        with self._turn:
            self._start(columns, read, _PATIENCE)

    def close(self) -> None:
        """Read no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self, columns: Columns, read: Read, patience: float) -> None:
        if self._over.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._read_all, args=(columns, read, patience), daemon=True)
        self._thread.start()

    def _read_all(self, columns: Columns, read: Read, patience: float) -> None:
        with suppress(StoreError):  # whoever asks hears of it
            versions = self._known(patience)
            if not versions:
                return
            # Each of several begins elsewhere: what one had unpacked, the owner gives to the others as it is.
            order = deque(versions.items())
            order.rotate(secrets.randbelow(len(order)))
            rest = iter(order)
            while (some := dict(islice(rest, _FEW))) and not self._over.is_set():
                began = time.perf_counter()
                columns.learn(some, read)
                self._over.wait(min(_SHARE * (time.perf_counter() - began), _REST))
            self._next = time.monotonic() + _PAUSE

    def _known(self, patience: float) -> Mapping[bytes, int] | None:
        until = time.monotonic() + patience
        while (versions := self._versions()) is None and time.monotonic() < until and not self._over.wait(_LOOK):
            pass
        return versions
