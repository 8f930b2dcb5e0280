"""NDJSON: one post a line, as JSON; also what the dead letters of an earlier run are."""

from collections.abc import Iterator
from pathlib import Path

from ingest.lines import LONGEST, Line, split_lines
from ingest.sources.stream import Stream, head_of


class NdjsonSource:
    """A file of lines, packed or not."""

    def __init__(self, file: Path, longest: int = LONGEST) -> None:
        self.file = file
        self._longest = longest
        self._stream = Stream(file)

    @property
    def share(self) -> float:
        """How much of it has been read."""
        return self._stream.share

    def signature(self) -> bytes:
        """Tell it from another file of the same name."""
        return head_of(self.file)

    def lines(self, after: int = 0) -> Iterator[Line]:
        """Give the lines that come after the one of that number."""
        self._stream = Stream(self.file)
        return (line for line in split_lines(self._stream.chunks(), self._longest) if line.number > after)
