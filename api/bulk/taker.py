"""Takes lines while they arrive; what became of them waits in a file, so that who reads late blocks nobody."""

import asyncio
from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool

from api.answers import LineAnswer
from compliance.errors import RecordNotWritten
from ingest.changes.withdrawal import OnReject
from ingest.photos.photo_source import PhotoSource
from ingest.pipeline import Pipeline
from ingest.reading.array import ArraySplitter
from ingest.reading.lines import InputLine, LineSplitter
from qdrant.errors import StoreError, StoreFull

_IN_MEMORY: Final = 2**20
_CHUNK: Final = 2**16
_LINES_AT_ONCE: Final = 64
_BYTES_AT_ONCE: Final = 2**25


class Spool:
    """Bytes that are written at one end and read at the other; what is not read yet may lie on the disk."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by who reads to the end
        self._written = self._read = 0

    @property
    def is_empty(self) -> bool:
        """Whether all that was written is read."""
        return self._read == self._written

    def write(self, data: bytes) -> None:
        """Add something at the end."""
        self._file.seek(self._written)
        self._file.write(data)
        self._written += len(data)

    def read(self) -> bytes:
        """Give the next piece."""
        self._file.seek(self._read)
        data = self._file.read(_CHUNK)
        self._read += len(data)
        return data

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class Taker:
    """Carries the posts of one body into the store, batch by batch."""

    def __init__(
        self, pipeline: Pipeline, photos: PhotoSource, splitter: LineSplitter | ArraySplitter, wish: OnReject | None
    ) -> None:
        self._pipeline = pipeline
        self._photos = photos
        self._splitter = splitter
        self._wish = wish
        self._lines: list[InputLine] = []
        self._size = 0
        self._last = 0
        self.results = Spool()
        self.news = asyncio.Event()  # there are results that nobody has read
        self.status = 200

    @property
    def has_lines(self) -> bool:
        """Whether lines wait to be stored."""
        return bool(self._lines)

    async def feed(self, chunk: bytes) -> None:
        """Take a piece of the body; a batch that it completes is stored."""
        for line in self._splitter.feed(chunk):
            await self._add(line)

    async def end(self) -> None:
        """Take what is left."""
        for line in self._splitter.end():
            await self._add(line)
        await self.flush()

    async def flush(self) -> None:
        """Store the lines that wait."""
        lines, self._lines, self._size = self._lines, [], 0
        if lines:
            answers = await run_in_threadpool(self._take, lines)
            self._last = lines[-1].number
            self.results.write(b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers))
            self.news.set()

    def fail(self, code: str, sentence: str) -> None:
        """Say that nothing behind the last line was taken, and why."""
        lost = LineAnswer(line=self._last + 1, id=None, status="failed", reason=code, detail=sentence)
        self.results.write(msgspec.json.encode(lost) + b"\n")

    async def _add(self, line: InputLine) -> None:
        self._lines.append(line)
        self._size += len(line.data or b"")
        if len(self._lines) >= _LINES_AT_ONCE or self._size >= _BYTES_AT_ONCE:
            await self.flush()

    def _take(self, lines: list[InputLine]) -> list[LineAnswer]:
        """Store a batch; when the store refuses, its lines say so and may be sent again."""
        try:
            taken = self._pipeline.take(lines, self._photos, self._wish)
            return [msgspec.convert(asdict(result), LineAnswer) for result in taken]
        except (StoreError, RecordNotWritten) as error:
            full = isinstance(error, StoreFull | RecordNotWritten)
            self.status = 507 if full else 503
            reason = "store_full" if full else "store_down"
            return [
                LineAnswer(line=line.number, id=None, status="failed", reason=reason, detail=str(error))
                for line in lines
            ]
