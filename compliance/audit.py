"""The record of what was refused and withheld, one JSON line each, without anything that was asked."""

import hashlib
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from compliance.consent import Consent
from compliance.country import Country
from compliance.folding import fold

_log = logging.getLogger(__name__)


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

    def refused(self, text: str | None, rule: str, country: Country) -> None:
        """Records a refused query by the salted hash of its folded text, so that repeats can be counted."""
        self._append("refused", lambda: {"query": self._hash(text), "rule": rule, "country": country.code})

    def withheld(self, count: int, country: Country) -> None:
        """Records how many hits were withheld from one answer."""
        if count:
            self._append("withheld", lambda: {"count": count, "country": country.code})

    def deleted(self, post: str) -> None:
        """Records by its salted hash that a post was deleted."""
        self._append("deleted", lambda: {"post": self._hash(post)})

    def decided(self, post: str, child: str, by: str) -> None:
        """Records what a reviewer said of a post."""
        self._append("decided", lambda: {"post": self._hash(post), "child": str(child), "by": by})

    def undone(self, post: str, child: str, by: str) -> None:
        """Records that a decision was taken back, and what holds instead."""
        self._append("undone", lambda: {"post": self._hash(post), "child": str(child), "by": by})

    def consented(self, post: str, consent: Consent) -> None:
        """Records a parent's consent."""
        self._append("consented", lambda: {"post": self._hash(post), "consent": consent.to_payload()})

    def revoked(self, post: str, by: str) -> None:
        """Records that a consent was taken back, or ended."""
        self._append("revoked", lambda: {"post": self._hash(post), "by": by})

    def taken_down(self, takedown: str, posts: int, by: str) -> None:
        """Records that something was taken down, and how many stored posts went with it."""
        self._append("taken_down", lambda: {"takedown": takedown, "count": posts, "by": by})

    def _hash(self, text: str | None) -> str | None:
        if text is None:
            return None
        return hashlib.sha256(f"{self._salt}\n{fold(text).plain}".encode()).hexdigest()

    def _append(self, event: str, details: Callable[[], dict[str, object]]) -> None:
        if self._path is None:
            return
        with self._lock:
            try:
                if self._salt is None:
                    self._salt = self._open(self._path)
                self._write(self._path, {"event": event, **details()})
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
                    return str(json.loads(lines.readline())["salt"])
                except (ValueError, KeyError, TypeError) as error:
                    raise OSError(f"its first line holds no salt: {error!r}") from error
        salt = secrets.token_hex(16)
        self._write(path, {"event": "opened", "salt": salt})
        return salt

    def _write(self, path: Path, entry: dict[str, object]) -> None:
        stamp = {"at": self._now().isoformat(timespec="seconds"), "policy": self._policy_hash}
        line = (json.dumps(stamp | entry, ensure_ascii=False) + "\n").encode()
        # One write to a file opened for appending: lines of two processes do not mix.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
