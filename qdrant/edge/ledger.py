"""The ledger: what was written since the engine last had all of it on disk, in order, to be done again after a crash.

The engine's own flush stops every thread of its process, so a write is acknowledged when it stands here: that stops
nobody. To do all of it again changes nothing where the engine had it already.
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct, error
from typing import Any, Final

from qdrant.engine.codec import from_bytes, to_bytes

_HEAD: Final = Struct("<II")  # length and checksum of an entry
_SAFE: Final = "safe"  # an entry of our own: so many bytes before it are on disk, and were acknowledged
_SAFE_BEGINS: Final = to_bytes((_SAFE, 0))[:-1]
LONGEST: Final = 4 << 20  # bytes, which are done again in about half a second


class LedgerRotten(Exception):
    """What was acknowledged is not there any more."""


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
        """What stands there; an entry that was cut short ends it, for nobody was told that it is safe.

        One that is not what was written, though it was safe, is a LedgerRotten: it is no end.
        """
        data, place = os.pread(self._file, self._size, 0), 0
        while (entry := _entry_at(data, place)) is not None:
            value, place = entry
            if value[0] != _SAFE:
                yield value
        safe = max(_safe_ends(data, place), default=0)
        if place < safe:
            raise LedgerRotten(f"its entry at byte {place:,} of {safe:,} that were safe is not what was written")

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

    def sync(self) -> int:
        """Have all of it on disk; other threads go on meanwhile. Gives how long it was."""
        size = self._size
        os.fdatasync(self._file)
        return size

    def note_safe(self, size: int) -> None:
        """Note that so many bytes were acknowledged, so that a loss of them is noticed: it need not be on disk."""
        if 0 < size <= self._size:  # else it was emptied meanwhile
            with suppress(OSError):
                self.add(_SAFE, size)

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


def _entry_at(data: bytes, place: int) -> tuple[list[Any], int] | None:
    """The whole entry at a place, and where the next one begins."""
    try:
        length, checksum = _HEAD.unpack_from(data, place)
    except error:
        return None
    begin = place + _HEAD.size
    content = data[begin : begin + length]
    if len(content) < length or zlib.crc32(content) != checksum:
        return None
    return from_bytes(content), begin + length


def _safe_ends(data: bytes, place: int) -> Iterator[int]:
    """What was noted as safe behind a place where entries end, whatever lies between."""
    while (place := data.find(_SAFE_BEGINS, place)) >= 0:
        if (entry := _entry_at(data, place - _HEAD.size)) is not None:
            yield int(entry[0][1])
        place += 1
