"""A turn: what one thread of one process has at a time, among all that name the same file."""

import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any


class Turn:
    """A lock on a file; whoever dies with it hands it on.

    `refusal` says in a sentence why the file cannot be had; what `then` makes is entered with each
    turn, and left before its end.
    """

    def __init__(
        self,
        path: Path,
        refusal: Callable[[Path, OSError], Exception] = lambda _, error: error,
        then: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self.path = path
        self._refusal = refusal
        self._then = then
        self._inner = ExitStack()
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
        try:
            self._inner.enter_context(self._then())
        except BaseException:
            self._end()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._inner.__exit__(kind, error, trace)
        finally:
            self._end()

    def _end(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)
        self._thread.release()
