"""NDJSON: one post a line, as JSON; also what the dead letters of an earlier run are."""

from collections.abc import Iterator
from pathlib import Path

from ingest.reading.lines import LONGEST, InputLine, split_lines
from ingest.sources.stream_source import StreamedSource


class NdjsonSource(StreamedSource):
    """A file of lines, packed or not."""

    def __init__(self, file: Path, longest: int = LONGEST) -> None:
        super().__init__(file)
        self._longest = longest

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give the lines that come after the one of that number."""
        return (line for line in split_lines(self._begin().chunks(), self._longest) if line.number > after)
