"""Takedowns: what was ordered away is remembered by its hashes, so that it is caught when it comes again.

The register holds hashes of ids and links, never these themselves. A takedown is recorded before anything goes, and
holds from then on; that all is gone is recorded when it is.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from common.album import LIKENESS, Album, likeness_of
from common.arrays import UInt64
from compliance.errors import ComplianceError
from compliance.records.chain import BEFORE, Chain, Soundness, verify
from compliance.records.twin import mend

BITS_APART: Final = 6  # of 64: copies of one photo, recompressed or resized
_USUAL_PORT: Final = {"http": ":80", "https": ":443"}
BEGUN, DONE = "begun", "done"
_FIELDS: Final = ("id", "at", "by", "reason", "marks", "posts")


@dataclass(frozen=True, slots=True)
class Takedown:
    """The proof record of one takedown: who and why, what it covers (hashed), how many posts it found, when all went.

    `before` is the hash of the line before it in the register.
    """

    id: str
    at: str
    by: str
    reason: str
    marks: tuple[str, ...]
    posts: int
    done: str | None = None
    before: str | None = None


def post_mark(post: str) -> str:
    """How a post's id is remembered."""
    return f"post:{_hash(post)}"


def link_marks(link: str) -> frozenset[str]:
    """How a link is remembered, as it is written and as a browser takes it: by either it is known again.

    Letters of its host, a slash at its end and a fragment make no difference, nor does it whether a browser wrote the
    letters of another alphabet as `%D0` or `xn--`, or named the usual port.
    """
    scheme, _, rest = link.strip().partition("#")[0].rstrip("/").rpartition("://")
    host, slash, path = rest.partition("/")
    host = host.lower()
    taken = _punycode(host.removesuffix(_USUAL_PORT.get(scheme.lower(), ":80"))) + slash + unquote(path)
    return frozenset(f"link:{_hash(its)}" for its in (host + slash + path, taken))


def ordered_marks(link: str) -> frozenset[str]:
    """How a link that is ordered away is remembered: a whole address also by its path alone, as some sites send links.

    Whoever orders it copies it from a browser, which always names the host.
    """
    _, whole, rest = link.strip().partition("#")[0].rpartition("://")
    _, slash, path = rest.partition("/")
    return link_marks(link) | (link_marks(slash + path) if whole and path.strip("/") else frozenset())


@lru_cache(maxsize=1 << 10)
def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


class Takedowns:
    """All takedowns; without a path they are remembered as long as the process lives."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Read the register: a line that cannot be read hides no other, and a broken chain stops nothing."""
        self._chain = None if path is None else Chain(path, twin=True)
        if path is not None:
            mend(path)
        self._now = now
        self._lock = threading.Lock()
        self._all: dict[str, Takedown] = {}
        self._marks: dict[str, str] = {}
        self._looks: dict[int, str] = {}
        self._album = Album()  # of marks
        self.read_on()

    def read_on(self) -> None:
        """Take in what other processes recorded."""
        if self._chain is None:
            return
        try:
            with self._lock:
                for record in self._chain.news():
                    self._read(record.entry)
        except OSError as error:
            raise ComplianceError(
                f"The register {self._chain.path} cannot be read ({error.strerror}): what was taken down would be "
                "shown. Make it readable, or restore it."
            ) from None

    def all(self) -> list[Takedown]:
        """Every takedown, the latest first, those of other processes too."""
        self.read_on()
        return [*self._all.values()][::-1]

    def unfinished(self) -> list[Takedown]:
        """Takedowns of which nobody recorded that all is gone."""
        return [takedown for takedown in self._all.values() if takedown.done is None]

    def soundness(self) -> Soundness | None:
        """Whether the register is what was written; None where it is not kept in a file."""
        return None if self._chain is None else verify(self._chain.path)

    def begin(self, by: str, reason: str, marks: set[str], posts: int) -> Takedown:
        """Record a takedown; it is on disk when this returns, and holds from then on."""
        with self._lock:
            takedown = Takedown(f"t-{secrets.token_hex(6)}", self._at(), by, reason, tuple(sorted(marks)), posts)
            fields = {name: value for name, value in asdict(takedown).items() if name in _FIELDS}
            takedown = replace(takedown, before=self._append({"state": BEGUN, **fields}))
            self._remember(takedown)
        return takedown

    def finish(self, takedown: str) -> Takedown:
        """Record that all is gone that a takedown covers."""
        with self._lock:
            at = self._at()
            self._append({"state": DONE, "id": takedown, "at": at})
            self._all[takedown] = replace(self._all[takedown], done=at)
        return self._all[takedown]

    def match(
        self, post: str, link: str | None, exact: str | None, look: int | None, questions: UInt64 | None = None
    ) -> str | None:
        """The takedown that a post falls under: by its id, its link, its photo, or what its photo looks like.

        With the `questions` of its photo, also as a copy in disguise.
        """
        marks = [post_mark(post), *(link_marks(link) if link else []), *([f"photo:{exact}"] if exact else [])]
        match = next((self._marks[mark] for mark in marks if mark in self._marks), None)
        if match is None and look is not None:
            match = next((its for known, its in self._looks.items() if (known ^ look).bit_count() <= BITS_APART), None)
        if match is None and questions is not None:
            match = next((self._marks[mark] for mark in self._album.alike(questions)), None)
        return match

    def fingerprint(self) -> str:
        """A hash of all that is known here: another one means that takedowns were added, finished or lost."""
        return _hash("\n".join(f"{each.id} {each.done} {' '.join(each.marks)}" for each in list(self._all.values())))

    def of_post(self, post: str) -> list[Takedown]:
        """The takedowns that name a post's id, the earliest first."""
        own = post_mark(post)
        return [takedown for takedown in list(self._all.values()) if own in takedown.marks]

    def _append(self, entry: Mapping[str, object]) -> str | None:
        return None if self._chain is None else self._chain.append(entry)

    def _read(self, entry: Mapping[str, Any]) -> None:
        takedown = self._all.get(str(entry.get("id")))
        if entry.get("state") == DONE and takedown is not None:
            self._all[takedown.id] = replace(takedown, done=str(entry.get("at")))
            return
        try:
            fields = {name: entry[name] for name in _FIELDS}
            marks = tuple(str(mark) for mark in fields["marks"])
            # A record of before, without a state, was written when its posts went.
            done = None if entry.get("state") == BEGUN else fields["at"]
            self._remember(Takedown(**{**fields, "marks": marks, "done": done, "before": entry.get(BEFORE)}))
        except (KeyError, TypeError, ValueError):
            return  # the chain says that there is a line that nobody wrote

    def _remember(self, takedown: Takedown) -> None:
        looks = {int(mark.removeprefix("look:"), 16) for mark in takedown.marks if mark.startswith("look:")}
        wide = {mark: likeness_of(mark.removeprefix(LIKENESS)) for mark in takedown.marks if mark.startswith(LIKENESS)}
        self._all[takedown.id] = takedown
        for mark in takedown.marks:
            self._marks.setdefault(mark, takedown.id)
        for mark, likeness in wide.items():
            self._album.put(mark, likeness)
        for look in looks:
            self._looks.setdefault(look, takedown.id)

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
