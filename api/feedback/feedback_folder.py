"""Feedback on disk: what visitors said of hits, a line each, in files with a bound together; the oldest go first."""

import hmac
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from common.secret_file import secret_in
from common.turn import Turn
from ingest.post import wording

_NOW: Final = "feedback.ndjson"
_FILES: Final = 4  # that the bound is shared by: a quarter of what is kept goes at a time
_RESERVE: Final = 2**29  # of free space: the store has its own, and comes first
_log = logging.getLogger(__name__)


class Reaction(StrEnum):
    """What somebody did with a hit: opened it, or said that it is, or is not, what was asked for."""

    CLICK = "click"
    GOOD = "good"
    BAD = "bad"


class Feedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line: which question, by a keyed hash of its words that nobody can try out, which post, and what.

    Nothing is kept of who it was. `text` is there where the site wants it.
    """

    at: str
    question: str
    post: str
    reaction: Reaction
    rank: int | None = None
    text: str | None = None


_lines = msgspec.json.Decoder(Feedback)


class FeedbackFolder:
    """Keeps feedback of all workers of a home, so many bytes at most; with none, nothing is kept."""

    def __init__(self, path: Path | None, most: int, *, with_text: bool = False) -> None:
        self._path = path
        self._most = most
        self._with_text = with_text
        self._turn = Turn(path / "turn") if path else threading.Lock()
        self._warned = False

    @property
    def is_kept(self) -> bool:
        """Whether anything is kept at all."""
        return self._path is not None and self._most > 0

    def keep(self, text: str, post: str, reaction: Reaction, rank: int | None, at: datetime) -> None:
        """Write what was said of a hit; a disk that fails or is full fails no visitor."""
        if self._path is None or not self.is_kept:
            return
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            line = Feedback(
                at=at.isoformat(timespec="minutes"),
                question=self.key(text),
                post=post,
                reaction=reaction,
                rank=rank,
                text=text if self._with_text else None,
            )
            with self._turn:
                self._append(self._path / _NOW, msgspec.json.encode(line) + b"\n")
        except OSError as error:
            if not self._warned:
                self._warned = True
                _log.warning("feedback cannot be kept (%s): it is dropped", error.strerror or error)

    def key(self, text: str) -> str:
        """What a question is called: its words, whatever their case and the blanks between them."""
        return hmac.digest(self._secret, wording([text]).encode("utf-8", "surrogatepass"), "sha256").hex()[:20]

    def read(self) -> Iterator[Feedback]:
        """All that is kept, the oldest first; a line that was cut short is none."""
        for number in range(_FILES - 1, -1, -1):
            with suppress(FileNotFoundError, NotADirectoryError):
                if self._path is not None:
                    with self._file(number).open("rb") as lines:
                        yield from _read(lines)

    def _append(self, file: Path, line: bytes) -> None:
        if shutil.disk_usage(file.parent).free < _RESERVE:
            return
        with suppress(FileNotFoundError):
            if file.stat().st_size + len(line) > self._most // _FILES:
                for number in range(_FILES - 2, -1, -1):  # the last one goes
                    with suppress(FileNotFoundError):
                        self._file(number).replace(self._file(number + 1))
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(opened, line)
        finally:
            os.close(opened)

    def _file(self, number: int) -> Path:
        assert self._path is not None  # noqa: S101 - who has no folder has no files
        return self._path / (_NOW if number == 0 else f"feedback-{number}.ndjson")

    @cached_property
    def _secret(self) -> bytes:
        assert self._path is not None  # noqa: S101 - as above
        return secret_in(self._path / "secret")


def _read(lines: BinaryIO) -> Iterator[Feedback]:
    for line in lines:
        with suppress(msgspec.MsgspecError):
            yield _lines.decode(line)
