"""Lines of NDJSON from a stream of bytes, numbered, with a cap on their length so that memory stays flat."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest.errors import PostRejected
from ingest.reason import Reason

LONGEST = 32 * 2**20  # a photo of 20 MB as base64 fits
_MARK = b"\xef\xbb\xbf"  # some editors begin a file with it, and files get joined


class InputLine(NamedTuple):
    """One line of input, a post as JSON; `data` is None when it was longer than the cap and skipped.

    What is no file of lines names a `place` in it, such as a photo or a row, and may give a `fault` instead of data.
    """

    number: int
    data: bytes | None
    place: str = ""
    fault: Reason | None = None


def data_of(line: InputLine) -> bytes:
    """Give the bytes of a line, or say why it has none."""
    if line.fault is not None:
        raise PostRejected(*line.fault)
    if line.data is None:
        raise PostRejected("line_too_long", "The line is longer than 32 MB: send smaller photos.")
    return line.data


class LineSplitter:
    """Cuts chunks into lines; blank lines are counted but not given, unless lines are wanted as they are."""

    def __init__(self, longest: int = LONGEST, *, as_they_are: bool = False) -> None:
        self._longest = longest
        self._as_they_are = as_they_are
        self._rest = bytearray()
        self._number = 0
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[InputLine]:
        """Take a chunk and give the lines that it completes."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._keep(chunk[start:end])
            start = end + 1
            yield from self._take()
        self._keep(chunk[start:])

    def end(self) -> Iterator[InputLine]:
        """Give the last line when it had no line feed."""
        if self._rest or self._skipping:
            yield from self._take()

    def _keep(self, piece: bytes) -> None:
        if self._skipping or len(self._rest) + len(piece) > self._longest:
            self._skipping = True
            self._rest = bytearray()
        else:
            self._rest += piece

    def _take(self) -> Iterator[InputLine]:
        self._number += 1
        data, skipped = bytes(self._rest).removeprefix(_MARK), self._skipping
        data = data.removesuffix(b"\r") if self._as_they_are else data.strip(b" \t\r")
        self._rest, self._skipping = bytearray(), False
        if skipped or data or self._as_they_are:
            yield InputLine(self._number, None if skipped else data)


def split_lines(chunks: Iterable[bytes], longest: int = LONGEST, *, as_they_are: bool = False) -> Iterator[InputLine]:
    """Cut a stream of bytes into lines."""
    splitter = LineSplitter(longest, as_they_are=as_they_are)
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.end()
