"""The record of what was answered and decided, one line each and chained, without anything that was asked."""

import hashlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from compliance.consent import Consent, parse_time
from compliance.country import Country
from compliance.errors import RecordNotWritten
from compliance.facts import Child
from compliance.lexicon.folding import fold
from compliance.records.chain import Chain, Soundness, verify
from compliance.records.volumes import entry_of, volumes, whole_lines

_log = logging.getLogger(__name__)
_TAIL: Final = 1 << 16  # bytes; no line is nearly so long
_SYNC: Final = 5.0  # seconds of answers that a power cut may take; what people did is on disk at once


class Event(StrEnum):
    """What a line records."""

    OPENED = "opened"
    POLICY = "policy"
    REFUSED = "refused"
    WITHHELD = "withheld"
    OMITTED = "omitted"
    BLOCKED = "blocked"
    LOOKED = "looked"
    DECIDED = "decided"
    UNDONE = "undone"
    CONSENTED = "consented"
    REVOKED = "revoked"
    TAKEN_DOWN = "taken_down"
    DELETED = "deleted"
    JUDGED = "judged"
    SITE_OPENED = "site_opened"
    LOST = "lost"
    CONTINUED = "continued"


# There are many of them, and they are only counted; what else people did is on disk at once.
_COUNTED: Final = frozenset(
    {Event.REFUSED, Event.WITHHELD, Event.OMITTED, Event.BLOCKED, Event.LOOKED, Event.DELETED, Event.SITE_OPENED}
)


class Audit:
    """Appends to a file; without a path nothing is recorded.

    A disk that fails never fails a question: how many lines were lost is recorded once there is room. Only a consent
    that cannot be recorded is refused.
    """

    def __init__(
        self,
        path: Path | None,
        policy_hash: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        volume_bytes: int = 0,
    ) -> None:
        """With `volume_bytes`, a file of more is closed, and the record goes on in a new one."""
        self._path = path
        self._chain = None if path is None else Chain(path)
        self._policy_hash = policy_hash
        self._now = now
        self._lock = threading.Lock()
        self._warned = False
        self._salt: str | None = None
        self._lost = 0
        self._synced = 0.0
        self._volume_bytes = volume_bytes

    @property
    def path(self) -> Path | None:
        """The file; None where nothing is recorded."""
        return self._path

    def in_force(self, version: int, file: str) -> None:
        """Records the rules that hold from now on, unless the last line was written under the same ones."""
        before = last_policy(self._path) if self._path is not None else self._policy_hash
        if before != self._policy_hash:
            self._append(Event.POLICY, lambda: {"replaces": before, "version": version, "file": file})

    def refused(self, text: str | None, rule: str, country: Country) -> None:
        """Records a refused query by the salted hash of its folded text, so that repeats can be counted."""
        self._append(Event.REFUSED, lambda: {"query": self._hash(text), "rule": rule, "country": country.code})

    def withheld(self, count: int, country: Country) -> None:
        """Records in the place of how many hits an answer had the sentence."""
        if count:
            self._append(Event.WITHHELD, lambda: {"count": count, "country": country.code})

    def omitted(self, count: int, country: Country) -> None:
        """Records how many hits an answer left out without a word."""
        if count:
            self._append(Event.OMITTED, lambda: {"count": count, "country": country.code})

    def blocked(self, post: str, country: Country) -> None:
        """Records that a post that was asked for by its id was answered with 451."""
        self._append(Event.BLOCKED, lambda: {"post": self._hash(post), "country": country.code})

    def looked(self, post: str, by: str) -> None:
        """Records that the photo of a held post was shown to somebody who decides."""
        self._append(Event.LOOKED, lambda: {"post": self._hash(post), "by": by})

    def site_opened(self, posts: Sequence[str], child: Child) -> None:
        """Records which posts are open by the word of the site alone, and as what."""
        if posts:
            self._append(
                Event.SITE_OPENED,
                lambda: {"count": len(posts), "posts": [self._hash(post) for post in posts], "child": str(child)},
            )

    def deleted(self, post: str) -> None:
        """Records by its salted hash that a post was deleted."""
        self._append(Event.DELETED, lambda: {"post": self._hash(post)})

    def decided(self, post: str, child: str, by: str, *, opens: bool = False) -> None:
        """Records what a reviewer said of a post; what opens and cannot be recorded is refused."""
        entry = {"child": str(child), "by": by}
        self._append(Event.DECIDED, lambda: {"post": self._hash(post), **entry}, may_fail=not opens)

    def undone(self, post: str, child: str, by: str, *, opens: bool = False) -> None:
        """Records that a decision was taken back, and what holds instead; see `decided`."""
        entry = {"child": str(child), "by": by}
        self._append(Event.UNDONE, lambda: {"post": self._hash(post), **entry}, may_fail=not opens)

    def consented(self, post: str, consent: Consent) -> None:
        """Records a parent's consent, before it holds; one that cannot be recorded is refused."""
        self._append(
            Event.CONSENTED, lambda: {"post": self._hash(post), "consent": consent.to_payload()}, may_fail=False
        )

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

    def soundness(self) -> Soundness | None:
        """Whether the file is what was written; None where nothing is recorded."""
        return None if self._path is None else verify(self._path)

    def entries(self) -> Iterator[Mapping[str, Any]]:
        """Every line that can be read, in order."""
        return (record.entry for record in self._chain.records()) if self._chain is not None else iter(())

    def hashes(self, post: str) -> set[str]:
        """How a post appears in the record: by the salt, and by that of a file of before, which held its own."""
        if self._path is None:
            return set()
        salts = (read_salt(salt_file(self._path)), _salt_of_before(self._path))
        return {_salted(salt, post) for salt in salts if salt is not None}

    def _hash(self, text: str | None) -> str | None:
        return None if text is None else _salted(self._salt or "", text)

    def _append(self, event: Event, details: Callable[[], dict[str, object]], *, may_fail: bool = True) -> None:
        if self._chain is None:
            return
        with self._lock:
            try:
                if self._salt is None:
                    self._salt = self._open(self._chain)
                if self._lost:
                    self._write(self._chain, Event.LOST, {"count": self._lost})
                    self._lost = 0
                self._write(self._chain, event, details())
                self._close_volume(self._chain)
            except (OSError, RecordNotWritten) as error:
                if not may_fail:
                    raise RecordNotWritten(
                        f"{self._path} cannot be written: without a record there is no consent. "
                        "Make room, then ask again."
                    ) from None
                self._lost += 1
                if not self._warned:
                    self._warned = True
                    _log.error("the audit file %s cannot be written (%s): requests go on unrecorded", self._path, error)

    def _open(self, chain: Chain) -> str:
        """The salt of the home; a home without one gets one, and the record says so."""
        path = salt_file(chain.path)
        salt = read_salt(path)
        if salt is None:
            salt = _make_salt(path)
            self._write(chain, Event.OPENED, {})
        return salt

    def _close_volume(self, chain: Chain) -> None:
        if not self._volume_bytes:
            return
        try:
            chain.close_volume({**self._stamp(), "event": Event.CONTINUED.value}, self._volume_bytes)
        except OSError as error:
            self._volume_bytes = 0
            _log.warning("the audit file %s cannot be closed (%s): it grows on until the next start", self._path, error)

    def _stamp(self) -> dict[str, object]:
        return {"at": self._now().isoformat(timespec="seconds"), "policy": self._policy_hash}

    def _write(self, chain: Chain, event: Event, details: Mapping[str, object]) -> None:
        clock = time.monotonic()
        sync = event not in _COUNTED or clock - self._synced > _SYNC
        chain.append({**self._stamp(), "event": event.value, **details}, sync=sync)
        if sync:
            self._synced = clock


def salt_file(path: Path) -> Path:
    """Where the salt of an audit file lies: who is handed the record cannot try out ids on it."""
    return path.with_suffix(".salt")


def _salted(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{fold(text).plain}".encode("utf-8", "surrogatepass")).hexdigest()


def read_salt(path: Path) -> str | None:
    """The salt in a file; None where there is none."""
    try:
        return path.read_text("utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _salt_of_before(path: Path) -> str | None:
    """The salt that stood in the first line of a file of before."""
    first = entry_of(next(whole_lines(volumes(path)[0]), b""))
    salt = (first or {}).get("salt")
    return salt if isinstance(salt, str) else None


def _make_salt(path: Path) -> str:
    """A new salt, on disk; when two processes begin at once, both have that of the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, f"{secrets.token_hex(16)}\n".encode())
        os.fsync(file)
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        os.close(file)
        aside.unlink()
    return read_salt(path) or ""


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
        return file.read()


def last_time(path: Path) -> datetime | None:
    """When the last whole line was written, by the clock of then; None where there is no such line."""
    try:
        lines = _tail(path).split(b"\n")
    except OSError:
        return None
    for line in reversed(lines):
        try:
            return parse_time(json.loads(line)["at"])
        except (ValueError, KeyError, TypeError):
            continue
    return None


def last_policy(path: Path) -> str | None:
    """The hash of the rules that the last whole line was written under; None where there is no such line."""
    try:
        lines = _tail(path).split(b"\n")
    except OSError:
        return None  # the line that is written next says what is wrong with the file
    for line in reversed(lines):
        try:
            return str(json.loads(line)["policy"])
        except (ValueError, KeyError, TypeError):
            continue
    return None
