"""Takedowns: what was ordered away is remembered by its hashes, so that it is caught when it comes again.

The register holds hashes of ids and links, never these themselves, and each line has the hash of the line before: who
leaves one out or changes one shows it.
"""

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from compliance.errors import ComplianceError

BITS_APART: Final = 6  # of 64: copies of one photo, recompressed or resized
_START: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Takedown:
    """The proof record of one takedown: who and why, what it covers (hashed), and how many posts went at once."""

    id: str
    at: str
    by: str
    reason: str
    marks: tuple[str, ...]
    posts: int
    before: str = _START


class RegisterDamaged(ComplianceError):
    """The register of takedowns cannot be trusted."""


def post_mark(post: str) -> str:
    """How a post's id is remembered."""
    return f"post:{_hash(post)}"


def link_mark(link: str) -> str:
    """How a link is remembered; letters of its host, a slash at its end and a fragment make no difference."""
    _, _, rest = link.strip().partition("#")[0].rstrip("/").rpartition("://")
    host, slash, path = rest.partition("/")
    return f"link:{_hash(host.lower() + slash + path)}"


class Takedowns:
    """All takedowns; without a path they are remembered as long as the process lives."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._all: list[Takedown] = []
        self._marks: dict[str, str] = {}
        self._looks: dict[int, str] = {}
        self._last = _START
        if path is not None and path.exists():
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                self._remember(_read(path, number, line, self._last), line)

    def all(self) -> list[Takedown]:
        """Every takedown, the latest first."""
        return self._all[::-1]

    def add(self, by: str, reason: str, marks: set[str], posts: int) -> Takedown:
        """Record a takedown; it is on disk when this returns, and holds from then on."""
        with self._lock:
            at = self._now().isoformat(timespec="seconds")
            takedown = Takedown(f"t-{secrets.token_hex(6)}", at, by, reason, tuple(sorted(marks)), posts, self._last)
            line = json.dumps(asdict(takedown), ensure_ascii=False)
            if self._path is not None:
                self._write(self._path, line)
            self._remember(takedown, line)
        return takedown

    def match(self, post: str, link: str | None, exact: str | None, look: int | None) -> str | None:
        """The takedown that a post falls under: by its id, its link, its photo, or what its photo looks like."""
        marks = [post_mark(post), *([link_mark(link)] if link else []), *([f"photo:{exact}"] if exact else [])]
        known = next((self._marks[mark] for mark in marks if mark in self._marks), None)
        if known is None and look is not None:
            known = next((its for other, its in self._looks.items() if (other ^ look).bit_count() <= BITS_APART), None)
        return known

    def _remember(self, takedown: Takedown, line: str) -> None:
        self._all.append(takedown)
        self._last = _hash(line)
        for mark in takedown.marks:
            self._marks.setdefault(mark, takedown.id)
            if mark.startswith("look:"):
                self._looks.setdefault(int(mark.removeprefix("look:"), 16), takedown.id)

    def _write(self, path: Path, line: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ComplianceError(
                f"The register {path} cannot be written ({error.strerror}): nothing was taken down. "
                "Make room, then ask again."
            ) from None


def _read(path: Path, number: int, line: str, last: str) -> Takedown:
    try:
        fields: Mapping[str, Any] = json.loads(line)
        takedown = Takedown(**{**fields, "marks": tuple(fields["marks"])})
        if takedown.before != last:
            raise ValueError("it does not follow the line before")
    except (ValueError, TypeError, KeyError) as error:
        raise RegisterDamaged(
            f"{path} at line {number}: no whole takedown ({error}). Restore the file: what it forgets would be shown."
        ) from None
    return takedown


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
