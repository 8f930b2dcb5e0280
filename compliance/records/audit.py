"""The record of what was refused and withheld, one JSON line each, without anything that was asked."""

import hashlib
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from compliance.consent import Consent
from compliance.country import Country
from compliance.facts import Child
from compliance.lexicon.folding import fold

_log = logging.getLogger(__name__)
_TAIL: Final = 1 << 16  # bytes; no line is nearly so long


class Event(StrEnum):
    """What a line records."""

    OPENED = "opened"
    POLICY = "policy"
    REFUSED = "refused"
    WITHHELD = "withheld"
    DECIDED = "decided"
    UNDONE = "undone"
    CONSENTED = "consented"
    REVOKED = "revoked"
    TAKEN_DOWN = "taken_down"
    DELETED = "deleted"
    JUDGED = "judged"


class Audit:
    """Appends to a file; without a path nothing is recorded, and a disk that fails never fails a request."""

    def __init__(
        self, path: Path | None, policy_hash: str = "", now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._policy_hash = policy_hash
        self._now = now
        self._lock = threading.Lock()
        self._warned = False
        self._salt: str | None = None

    def in_force(self, version: int, file: str) -> None:
        """Records the rules that hold from now on, unless the last line was written under the same ones."""
        before = _last_policy(self._path) if self._path is not None else self._policy_hash
        if before != self._policy_hash:
            self._append(Event.POLICY, lambda: {"before": before, "version": version, "file": file})

    def refused(self, text: str | None, rule: str, country: Country) -> None:
        """Records a refused query by the salted hash of its folded text, so that repeats can be counted."""
        self._append(Event.REFUSED, lambda: {"query": self._hash(text), "rule": rule, "country": country.code})

    def withheld(self, count: int, country: Country) -> None:
        """Records how many hits were withheld from one answer."""
        if count:
            self._append(Event.WITHHELD, lambda: {"count": count, "country": country.code})

    def deleted(self, post: str) -> None:
        """Records by its salted hash that a post was deleted."""
        self._append(Event.DELETED, lambda: {"post": self._hash(post)})

    def decided(self, post: str, child: str, by: str) -> None:
        """Records what a reviewer said of a post."""
        self._append(Event.DECIDED, lambda: {"post": self._hash(post), "child": str(child), "by": by})

    def undone(self, post: str, child: str, by: str) -> None:
        """Records that a decision was taken back, and what holds instead."""
        self._append(Event.UNDONE, lambda: {"post": self._hash(post), "child": str(child), "by": by})

    def consented(self, post: str, consent: Consent) -> None:
        """Records a parent's consent."""
        self._append(Event.CONSENTED, lambda: {"post": self._hash(post), "consent": consent.to_payload()})

    def revoked(self, post: str, by: str) -> None:
        """Records that a consent was taken back, or ended."""
        self._append(Event.REVOKED, lambda: {"post": self._hash(post), "by": by})

    def taken_down(self, takedown: str, posts: int, by: str) -> None:
        """Records that something was taken down, and how many stored posts went with it."""
        self._append(Event.TAKEN_DOWN, lambda: {"takedown": takedown, "count": posts, "by": by})

    def judged(self, photos: int, became: Mapping[Child, int], encoder: str) -> None:
        """Records that a detector judged stored photos again, how many posts changed, and what they became."""
        kinds = {str(child): count for child, count in sorted(became.items())}
        self._append(
            Event.JUDGED,
            lambda: {"photos": photos, "count": sum(kinds.values()), "became": kinds, "encoder": encoder},
        )

    def _hash(self, text: str | None) -> str | None:
        if text is None:
            return None
        return hashlib.sha256(f"{self._salt}\n{fold(text).plain}".encode()).hexdigest()

    def _append(self, event: Event, details: Callable[[], dict[str, object]]) -> None:
        if self._path is None:
            return
        with self._lock:
            try:
                if self._salt is None:
                    self._salt = self._open(self._path)
                self._write(self._path, {"event": event.value, **details()})
            except OSError as error:
                if not self._warned:
                    self._warned = True
                    _log.error("the audit file %s cannot be written (%s): requests go on unrecorded", self._path, error)

    def _open(self, path: Path) -> str:
        """The salt from the file's first line; a new file gets one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            with path.open(encoding="utf-8") as lines:
                try:
                    salt = str(json.loads(lines.readline())["salt"])
                except (ValueError, KeyError, TypeError) as error:
                    raise OSError(f"its first line holds no salt: {error!r}") from error
            if not _tail(path).endswith(b"\n"):
                _add(path, b"\n")  # a line that a power cut left unfinished must not take the next one with it
            return salt
        salt = secrets.token_hex(16)
        self._write(path, {"event": Event.OPENED.value, "salt": salt})
        return salt

    def _write(self, path: Path, entry: dict[str, object]) -> None:
        stamp = {"at": self._now().isoformat(timespec="seconds"), "policy": self._policy_hash}
        _add(path, (json.dumps(stamp | entry, ensure_ascii=False) + "\n").encode())


def _add(path: Path, line: bytes) -> None:
    """One write to a file opened for appending: lines of two processes do not mix."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
        return file.read()


def _last_policy(path: Path) -> str | None:
    """The hash that the last whole line was written under; None where there is no such line."""
    try:
        lines = _tail(path).splitlines()
    except OSError:
        return None  # the line that is written next says what is wrong with the file
    for line in reversed(lines):
        try:
            return str(json.loads(line)["policy"])
        except (ValueError, KeyError, TypeError):
            continue
    return None
