"""What every source offers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ingest.reading.lines import InputLine


class PostSource(Protocol):
    """A file or folder of posts, whatever its format: numbered lines, each a post as JSON."""

    @property
    def file(self) -> Path:
        """The file or folder that was named."""
        ...

    @property
    def share(self) -> float:
        """How much of it has been read, from 0 to 1; for progress, so about right is enough."""
        ...

    def signature(self) -> bytes:
        """Tell this source from another one of the same name; a file that has merely grown is the same."""
        ...

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give the lines whose number is larger than `after`, the same ones each time."""
        ...
