"""Presence: being there, among all processes that name the same file; it ends with the process, however that ends."""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class Presence:
    """Whoever comes while nobody is there `is_first`, and has the place for himself until he lets others in."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.is_first = True
        except OSError:
            self.is_first = False
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def let_in(self) -> None:
        """Let others come."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def __enter__(self) -> "Presence":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
