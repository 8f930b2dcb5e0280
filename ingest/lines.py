"""Lines of NDJSON from a stream of bytes, numbered, with a cap on their length so that memory stays flat."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ingest.errors import InputMissing

LONGEST = 32 * 2**20  # a photo of 20 MB as base64 fits
_CHUNK = 2**20
_MARK = b"\xef\xbb\xbf"  # some editors begin a file with it, and files get joined


class Line(NamedTuple):
    """One line of input; `data` is None when it was longer than the cap and skipped."""

    number: int
    data: bytes | None


class LineSplitter:
    """Cuts chunks into lines; blank lines are counted but not given."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._number = 0
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Take a chunk and give the lines that it completes."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._keep(chunk[start:end])
            start = end + 1
            yield from self._take()
        self._keep(chunk[start:])

    def end(self) -> Iterator[Line]:
        """Give the last line when it had no line feed."""
        if self._rest or self._skipping:
            yield from self._take()

    def _keep(self, piece: bytes) -> None:
        if self._skipping or len(self._rest) + len(piece) > self._longest:
            self._skipping = True
            self._rest = bytearray()
        else:
            self._rest += piece

    def _take(self) -> Iterator[Line]:
        self._number += 1
        data, skipped = bytes(self._rest).removeprefix(_MARK).strip(b" \t\r"), self._skipping
        self._rest, self._skipping = bytearray(), False
        if skipped or data:
            yield Line(self._number, None if skipped else data)


def read_lines(file: Path) -> Iterator[Line]:
    """Read the lines of a file."""
    splitter = LineSplitter()
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield from splitter.feed(chunk)
        yield from splitter.end()
    except OSError as error:
        raise InputMissing(
            f"{file} cannot be read: {error.strerror}. Give a file of posts, one JSON object a line."
        ) from error
