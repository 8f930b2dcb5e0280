"""Reading ahead: the outlines of all posts are read before anybody asks for them, in the pauses of those who ask."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from qdrant.edge.columns import Columns, Read
from qdrant.errors import StoreError

_FEW: Final = 128  # points that are read at once: whoever owns the store holds Python's lock for some milliseconds
_AGAIN: Final = 3  # questions that waited for outlines, before all of them are read
_REST: Final = 0.05  # seconds, at most, after each part
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
            busy = self._thread is not None and self._thread.is_alive()
            if self._asked < _AGAIN or busy or time.monotonic() < self._next or self._over.is_set():
                return
            self._asked = 0
            self._thread = threading.Thread(target=self._read_all, args=(columns, read), daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Read no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _read_all(self, columns: Columns, read: Read) -> None:
        with suppress(StoreError):  # whoever asks hears of it
            versions = self._versions()
            if versions is None:
                return
            rest = iter(versions.items())
            while (some := dict(islice(rest, _FEW))) and not self._over.is_set():
                began = time.perf_counter()
                columns.learn(some, read)
                self._over.wait(min(time.perf_counter() - began, _REST))
            self._next = time.monotonic() + _PAUSE
