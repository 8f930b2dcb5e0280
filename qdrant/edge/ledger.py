"""The ledger: what was written since the engine last had all of it on disk, in order, to be done again after a crash.

The engine's own flush stops every thread of its process, so a write is acknowledged when it stands here: that stops
nobody. To do all of it again changes nothing where the engine had it already.
"""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import Struct, error
from typing import Any, Final

from qdrant.engine.codec import from_bytes, to_bytes

_HEAD: Final = Struct("<II")  # length and checksum of an entry
LONGEST: Final = 4 << 20  # bytes, which are done again in about half a second


class Ledger:
    """One file, which only ever grows until it is emptied."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size

    @property
    def size(self) -> int:
        """How long it is."""
        return self._size

    def entries(self) -> Iterator[list[Any]]:
        """What stands there; an entry that was cut short ends it, for nobody was told that it is safe."""
        place = 0
        while True:
            try:
                length, checksum = _HEAD.unpack(os.pread(self._file, _HEAD.size, place))
            except error:
                return
            data = os.pread(self._file, length, place + _HEAD.size)
            if len(data) < length or zlib.crc32(data) != checksum:
                return
            yield from_bytes(data)
            place += _HEAD.size + length

    def add(self, *entry: Any) -> None:
        """Write an entry; it is safe after `sync`. What cannot be written whole leaves nothing behind."""
        data = to_bytes(entry)
        rest = memoryview(_HEAD.pack(len(data), zlib.crc32(data)) + data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += _HEAD.size + len(data)

    def sync(self) -> None:
        """Have all of it on disk; other threads go on meanwhile."""
        os.fdatasync(self._file)

    def cut(self, size: int) -> None:
        """Leave no more than so many bytes."""
        os.ftruncate(self._file, size)
        self._size = size

    def clear(self) -> None:
        """Begin anew."""
        self.cut(0)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
