"""A turn: what one thread of one process has at a time, among all that name the same file."""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType


class Turn:
    """A lock on a file; whoever dies with it hands it on.

    `refusal` says in a sentence why the file cannot be had.
    """

    def __init__(self, path: Path, refusal: Callable[[Path, OSError], Exception] = lambda _, error: error) -> None:
        self.path = path
        self._refusal = refusal
        self._thread = threading.Lock()
        self._file = -1

    def __enter__(self) -> None:
        self._thread.acquire()
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            self._end()
            raise self._refusal(self.path, error) from None
        except BaseException:
            self._end()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)
        self._thread.release()
