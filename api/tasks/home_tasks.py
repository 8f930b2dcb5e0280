"""The tasks of a home as its addresses see them: the book, what was sent to be imported, what was turned away."""

import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson
from starlette.concurrency import run_in_threadpool

from api.answers import ModelsAnswer
from api.errors import BadRequest, NotFound
from api.tasks.task import TaskAnswer, TaskKind
from api.tasks.task_book import TaskBook
from qdrant.edge.folder import check_space
from qdrant.errors import StoreFull

_SHOWN: Final = ("line", "id", "reason", "detail", "post")  # of a line that was turned away


@dataclass(frozen=True, slots=True)
class HomeTasks:
    """Where tasks are noted, and their files lie; `models` looks at the models of the home."""

    book: TaskBook
    imports: Path
    rejected: Path
    models: Callable[[], ModelsAnswer]
    backs_up: bool = False

    async def keep_import(
        self,
        chunks: AsyncIterator[bytes],
        options: Mapping[str, Any],
        by: str,
        known: Callable[[str], Awaitable[None]],
    ) -> TaskAnswer:
        """Keep what is sent, safe on disk, and enqueue its import; `known` raises what was answered to the same."""
        task_id = self.book.new_id()
        file = self.imports / f"{task_id}.ndjson"
        try:
            size, digest = await self._kept(chunks, file)
            if not size:
                raise BadRequest("No line was sent: send posts, one JSON object a line.", "empty_body", 422)
            await known(digest)
            return await run_in_threadpool(self.book.add, TaskKind.IMPORT, {**options, "bytes": size}, by, task_id)
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    async def _kept(self, chunks: AsyncIterator[bytes], file: Path) -> tuple[int, str]:
        digest = hashlib.sha256()
        try:
            self.imports.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as stream:
                async for chunk in chunks:
                    digest.update(chunk)
                    await run_in_threadpool(_write, stream, chunk, self.imports)
                await run_in_threadpool(_sync, stream)
                return stream.tell(), digest.hexdigest()
        except OSError as error:
            raise StoreFull(
                f"The lines cannot be kept: {error.strerror}. Free some space and send them again."
            ) from None

    def rejected_lines(self, task: TaskAnswer) -> Iterator[bytes]:
        """The lines that an import turned away, each with its reason, as NDJSON."""
        if task.kind is not TaskKind.IMPORT:
            raise NotFound(f"The task {task.id} is no import: no lines were sent for it.")
        return _without_places(self.rejected / f"{task.id}.ndjson")


def _without_places(file: Path) -> Iterator[bytes]:
    """Lines as whoever sent them knows them: where this machine keeps its files is nothing to him."""
    with suppress(FileNotFoundError), file.open("rb") as letters:
        for letter in letters:
            fields = orjson.loads(letter)
            told = {name: fields[name] for name in _SHOWN if name in fields}
            yield orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _write(stream: IO[bytes], chunk: bytes, folder: Path) -> None:
    check_space(folder, len(chunk))
    stream.write(chunk)


def _sync(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())
