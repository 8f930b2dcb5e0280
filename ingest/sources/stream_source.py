"""What sources that are one stream of bytes share: how far it is read, and what tells it from another."""

from pathlib import Path

from ingest.sources.stream import Stream, head_of


class StreamedSource:
    """A file, packed or not, that is read from its beginning each time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._stream = Stream(file)

    @property
    def share(self) -> float:
        """How much of it has been read."""
        return self._stream.share

    def signature(self) -> bytes:
        """Tell it from another file of the same name."""
        return head_of(self.file)

    def _begin(self) -> Stream:
        self._stream = Stream(self.file)
        return self._stream
