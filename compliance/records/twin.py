"""The twin of a file of records: each line stands twice, so that rot in one of two files is mended by the other.

Who tampers with a record can change both, and the chain shows it: a twin heals rot, it proves nothing. What was mended
is kept beside (`.damaged`).
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common.files import write_file
from compliance.records.chain import head_file, twin_file, verify

_log = logging.getLogger(__name__)


def mend(path: Path) -> None:
    """Mend a file of records, its head or its twin by what of the three is whole.

    Where too little is whole nothing is touched: `verify` says what is wrong.
    """
    with suppress(OSError), _alone(path) as file:
        ours, theirs = _lines(path), _lines(twin_file(path))
        broken = bool(verify(path).breaks)
        twin_is_whole = bool(theirs) and not verify(path, file=twin_file(path)).breaks
        if ours == theirs:
            if broken and not verify(path, headless=True).breaks and not _misses_lines(path):
                head_file(path).unlink()
                _log.warning("%s was damaged, and is made anew", head_file(path))
        elif twin_is_whole and not ours.startswith(theirs):  # the twin is written last: it has no more lines
            path.with_name(f"{path.name}.damaged").write_bytes(path.read_bytes())
            os.ftruncate(file, 0)  # the twin is whole until all of it stands here
            os.pwrite(file, theirs, 0)
            os.fsync(file)
            _log.warning("%s was damaged, and is mended by %s", path, twin_file(path).name)
        elif not broken:
            write_file(twin_file(path), ours)


def _misses_lines(path: Path) -> bool:
    return any(says.endswith("can no longer be found") for says in verify(path).breaks)


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | (os.O_CREAT if twin_file(path).exists() else 0), 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _lines(path: Path) -> bytes:
    """The whole lines of a file."""
    with suppress(FileNotFoundError):
        content = path.read_bytes()
        return content[: content.rfind(b"\n") + 1]
    return b""
