"""A stream of bytes from a file, unpacked where it is packed: in pieces, so that memory stays flat."""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from backports import zstd

from ingest.errors import InputBroken, InputMissing

CHUNK: Final = 2**20
BOMB_RATIO: Final = 200  # posts pack to a tenth of their size; nothing honest comes near this
BOMB_SIZE: Final = 2**26  # below that nobody minds
_HEAD: Final = 2**16
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_WINDOW_LOG: Final = 25  # 32 MB: what `zstd -19` needs fits, what `--ultra --long` wants does not


def head_of(file: Path) -> bytes:
    """Give the first bytes of a file, which tell it from another one of the same name."""
    try:
        with file.open("rb") as start:
            return start.read(_HEAD)
    except OSError as error:
        raise unreadable(file, error) from error


def unreadable(file: Path, error: OSError) -> InputMissing:
    """Say that a file cannot be read."""
    return InputMissing(
        f"{file} cannot be read: {error.strerror or error}. "
        "Give a file or a folder of posts, as docs/posts.md describes."
    )


class Stream:
    """The bytes of a file that may be packed with gzip or zstd: what is in it tells, not its name."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._size = self._read = 0

    @property
    def share(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return min(self._read / self._size, 1.0) if self._size else 0.0

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes piece by piece. A file that grows is read to the end of the line where it ended at first."""
        with self._translated(), self._file.open("rb") as raw:
            self._size = os.fstat(raw.fileno()).st_size
            magic = raw.peek(4)[:4]
            if magic.startswith(_GZIP):
                yield from self._unpacked(raw, cast(IO[bytes], gzip.GzipFile(fileobj=raw)))
            elif magic == _ZSTD:
                options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
                yield from self._unpacked(raw, cast(IO[bytes], zstd.ZstdFile(raw, options=options)))
            else:
                yield from self._plain(raw)

    def _plain(self, raw: IO[bytes]) -> Iterator[bytes]:
        last = b"\n"
        while self._read < self._size and (chunk := raw.read(min(CHUNK, self._size - self._read))):
            self._read += len(chunk)
            last = chunk
            yield chunk
        if not last.endswith(b"\n"):
            yield raw.readline(CHUNK).rstrip(b"\n")  # the line was being written when we opened the file

    def _unpacked(self, raw: IO[bytes], packed: IO[bytes]) -> Iterator[bytes]:
        unpacked = 0
        while chunk := packed.read(CHUNK):
            self._read = raw.tell()
            unpacked += len(chunk)
            if unpacked > BOMB_SIZE and unpacked > BOMB_RATIO * self._read:
                raise InputBroken(
                    f"{self._file} unpacks to more than {BOMB_RATIO} times its size, as no posts do: "
                    "what came before was taken. If you trust it, unpack it yourself and give the unpacked file."
                )
            yield chunk

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, gzip.BadGzipFile, zlib.error, zstd.ZstdError) as error:
            raise InputBroken(
                f"{self._file} is packed, and does not unpack to its end ({error}): what came before was taken. "
                "Send the whole file again, it goes on from there."
            ) from error
        except OSError as error:
            raise unreadable(self._file, error) from error
