"""The law's turn in a home that several processes use: who has it knows what the others recorded and held."""

import json
import logging
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from common.turn import Turn
from compliance.consent import ConsentEnds, consent_from
from compliance.errors import RecordNotWritten
from compliance.facts import Facts, from_payload, to_payload
from compliance.held_photos import HeldPhotos
from compliance.precedence import is_about_a_child
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones

_log = logging.getLogger(__name__)
_FREE, _TAKEN, _BROKEN = b"-", b"+", b"!"  # the first sign of the file
_GENERATION: Final = slice(1, 17)
_HEAD: Final = 18  # bytes; then a line for each note
_LONGEST: Final = 1 << 18  # bytes of notes; who did not read them by then reads the store


class LawTurn(Turn):
    """A turn with notes: what each process changes that others remember, they read when their turn has come.

    Takedowns and tombstones are read on from their files. What was left by a process that died within its turn is
    `broken`: all others forget what they remember, and who opens the home next looks through the store.
    """

    def __init__(
        self, path: Path, takedowns: Takedowns, tombstones: Tombstones, ends: ConsentEnds, held_photos: HeldPhotos
    ) -> None:
        super().__init__(path, _refusal)
        self._records = takedowns, tombstones
        self._ends, self._held_photos = ends, held_photos
        self._generation = b""
        self._read = _HEAD  # bytes
        self._untold = False
        self.broken = False
        ends.share(self._has_news, self._tell_consent)
        held_photos.share(self._tell_held)

    def __enter__(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refusal(self.path, error) from None
        super().__enter__()
        try:
            self._catch_up()
        except OSError as error:
            super().__exit__(None, None, None)
            raise _refusal(self.path, error) from None
        except BaseException:
            super().__exit__(None, None, None)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        untold, self._untold = self._untold, False
        try:
            if not untold:  # else it stays taken, as by somebody who died: the next one has all others forget
                self._sign(_BROKEN if self.broken else _FREE)
        except OSError as failure:
            _log.warning("%s cannot be written (%s): what processes remember is read anew", self.path, failure.strerror)
        finally:
            super().__exit__(kind, error, trace)

    def mend(self) -> None:
        """Note that the store was looked through."""
        self.broken = False

    def _catch_up(self) -> None:
        head, size = os.pread(self._file, _HEAD, 0), os.fstat(self._file).st_size
        died = head[:1] == _TAKEN
        self.broken = died or head[:1] == _BROKEN
        if died or len(head) < _HEAD or size > _LONGEST:
            self._begin()
        if self._generation != os.pread(self._file, _HEAD, 0)[_GENERATION]:
            self._generation, self._read = os.pread(self._file, _HEAD, 0)[_GENERATION], _HEAD
            self._held_photos.forget_all()
            self._ends.forget_all()
        for line in os.pread(self._file, size, self._read).splitlines():
            self._take(json.loads(line))
        self._read = os.fstat(self._file).st_size
        for record in self._records:
            record.read_on()
        self._sign(_TAKEN)

    def _begin(self) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, _FREE + secrets.token_hex(8).encode() + b"\n", 0)

    def _sign(self, sign: bytes) -> None:
        os.pwrite(self._file, sign, 0)

    def _has_news(self) -> bool:
        """Whether another process left notes since; it may be asked without the turn."""
        try:
            file = os.open(self.path, os.O_RDONLY)
        except OSError:
            return True
        try:
            generation = os.pread(file, _HEAD, 0)[_GENERATION]
            return (generation, os.fstat(file).st_size) != (self._generation, self._read)
        finally:
            os.close(file)

    def _tell_consent(self, post: str, until: str) -> None:
        self._tell({"post": post, "until": until})

    def _tell_held(self, post: str, likeness: str, facts: Facts) -> None:
        if likeness and is_about_a_child(facts):
            self._tell({"post": post, "likeness": likeness, "facts": to_payload(facts)})

    def _tell(self, note: dict[str, Any]) -> None:
        if self._file < 0:
            return
        line = json.dumps(note).encode() + b"\n"
        try:
            self._untold |= os.pwrite(self._file, line, self._read) < len(line)
        except OSError:
            self._untold = True
        self._read += len(line)

    def _take(self, note: dict[str, Any]) -> None:
        if "until" in note:
            self._ends.take(note["post"], consent_from({"by": "", "at": note["until"], "until": note["until"]}))
        else:
            self._held_photos.take(note["post"], note["likeness"], from_payload(note["facts"]))


def _refusal(path: Path, error: OSError) -> RecordNotWritten:
    return RecordNotWritten(f"{path} cannot be written ({error.strerror}): nothing was changed. Give a writable home.")
