"""Dead letters: lines that were turned away, each with its reason, in a file that can be mended and fed again."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import orjson

from common.files import put_in_place
from ingest.draft import Result
from ingest.errors import InputMissing
from ingest.reading.lines import InputLine
from ingest.reading.post_json import open_letter, unwrapped

_HEAD = 2**16


class Letters:
    """A file of dead letters in the making; it stands in its place when the run is over."""

    def __init__(self, file: Path, folder: Path, kept: int = 0) -> None:
        """Begin the file, or go on after `kept` bytes of it; `folder` is where the photos of the lines lie."""
        self.file = file
        self._folder = str(folder.resolve())
        self._aside = file.with_suffix(".part")  # a name of its own: the run that goes on after a kill finds it
        self._kept = kept
        self._stream: IO[bytes] | None = None

    @property
    def size(self) -> int:
        """How many bytes are written."""
        return self._stream.tell() if self._stream else self._kept

    @property
    def whole(self) -> bool:
        """Whether what an earlier run wrote is still there, to go on after."""
        return not self._kept or (self._aside.is_file() and self._aside.stat().st_size >= self._kept)

    def __enter__(self) -> Self:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._aside.open("r+b" if self._kept else "wb")
            if self._kept:
                self._stream.truncate(self._kept)  # what was written after the last entry in the journal comes again
                self._stream.seek(self._kept)
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._stream:
            with suppress(OSError):  # a full disk has been told of already
                self._stream.close()

    def write(self, line: InputLine, result: Result) -> None:
        """Keep a line that was turned away: as the post it is when it is JSON, else as the text that was sent."""
        letter = {
            "line": line.number,
            **({"place": line.place} if line.place else {}),
            "id": result.id,
            "reason": result.reason,
            "detail": result.detail,
            "folder": self._folder,
            "post": _as_sent(line),
        }
        self._written(orjson.dumps(letter, option=orjson.OPT_APPEND_NEWLINE))

    def flushed(self) -> int:
        """Let others see what is written; gives its size."""
        try:
            if self._stream:
                self._stream.flush()
        except OSError as error:
            raise self._unwritable(error) from error
        return self.size

    def publish(self, read: Path) -> Path | None:
        """Put the file in its place; without letters those of an earlier run go, unless they are what was read."""
        empty = self.flushed() == 0
        try:
            if not empty:
                put_in_place(self._aside, self.file)
                return self.file
            self._aside.unlink()
            if self.file.resolve() != read.resolve():
                self.file.unlink(missing_ok=True)  # they are mended now
        except OSError as error:
            raise self._unwritable(error) from error
        return None

    def _written(self, letter: bytes) -> None:
        try:
            if self._stream:
                self._stream.write(letter)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> InputMissing:
        path = error.filename or self._aside  # a full disk names no file
        return InputMissing(f"{path} cannot be written: {error.strerror}. Give a writable folder.")


def folder_of_letters(file: Path) -> Path | None:
    """Where the photos lie that these dead letters speak of; None when the file holds none."""
    try:
        with file.open("rb") as start:
            letter = open_letter(start.readline(_HEAD))
    except OSError:
        return None
    return Path(letter.folder) if letter and letter.folder else None


def _as_sent(line: InputLine) -> object:
    if line.data is None:
        return None
    post = unwrapped(line.data)
    try:
        orjson.loads(post)
        return orjson.Fragment(post)
    except ValueError:
        return post.decode("utf-8", "replace")
