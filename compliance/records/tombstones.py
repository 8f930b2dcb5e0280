"""Tombstones: what was held is remembered by its id and by what it showed, so that it comes back to no open place.

A tombstone is written before the held post goes, or as a person holds it. It has hashes of ids, photos and words, never
these themselves. What has the same id, or shows the same, waits for a reviewer when it comes; who clears it lifts the
tombstone for that very content, and a reviewer's hold that is undone takes its tombstone away.
"""

import hashlib
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from common.album import LIKENESS, NO_QUESTIONS, Album, likeness_of
from common.arrays import UInt64
from compliance.errors import ComplianceError
from compliance.facts import Child, Facts, Source
from compliance.precedence import TOMBSTONE, held_before, like_held, waits_for_a_person
from compliance.records.chain import Chain, Soundness, verify
from compliance.records.takedown_register import BITS_APART, post_mark
from compliance.records.twin import mend

KEPT: Final = ("both:", "photo:", "words:", "look:", LIKENESS)  # kinds of keys that content is recognised by
HELD, LIFTED, WITHDRAWN = "held", "lifted", "withdrawn"  # states of a line
_FIELDS: Final = ("id", "at", "cause", "child", "decided", "post", "marks", "pictured")
_REMEMBERED: Final = (Child.CHILD, Child.REVIEW, Child.CONSENTED)  # a consent goes with the post it was given for


class Cause(StrEnum):
    """What made a tombstone: a person's hold or revocation, or that the post or some of its content went."""

    HELD = "held"
    REVOKED = "revoked"
    DELETED = "deleted"
    REPLACED = "replaced"
    TAKEN_DOWN = "taken_down"


@dataclass(frozen=True, slots=True)
class Remains:
    """What a post is recognised by: its id, the keys of its photo and words, and a hash of all that it shows.

    With the `questions` of its photo, it is recognised as a copy in disguise.
    """

    post: str
    content: tuple[str, ...]
    whole: str
    pictured: bool
    questions: UInt64 = field(default_factory=lambda: NO_QUESTIONS, compare=False)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is remembered of one held post: how it counted, and the hashes of its id and content.

    `decided` tells that a person or the site held it, not a detector alone. `pictured` tells that it had a photo.
    """

    id: str
    at: str
    cause: str
    child: str
    decided: bool
    post: str
    marks: tuple[str, ...]
    pictured: bool
    number: int = 0


class Lift(NamedTuple):
    """A reviewer's clearance of content that was held: no tombstone of before holds it any more."""

    at: str
    by: str
    post: str
    whole: str


class Tombstones:
    """All tombstones; without a path they are remembered as long as the process lives."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Read the file: a line that cannot be read hides no other, and a broken chain stops nothing."""
        self._chain = None if path is None else Chain(path, twin=True)
        if path is not None:
            mend(path)
        self._now = now
        self._lock = threading.Lock()
        self._all: dict[str, Tombstone] = {}
        self._by_mark: dict[str, list[Tombstone]] = defaultdict(list)
        self._looks: dict[int, list[Tombstone]] = defaultdict(list)
        self._known_looks: UInt64 | None = None  # of `_looks`, side by side
        self._album = Album()  # of marks
        self._lifts: list[Lift] = []
        self._lifted: dict[tuple[str, str], int] = {}  # by the post, or none, and the whole of its content
        self._lines = 0
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
                f"The tombstones {self._chain.path} cannot be read ({error.strerror}): what was held would be shown "
                "when it comes again. Make the file readable, or restore it."
            ) from None

    def __len__(self) -> int:
        return len(self._all)

    def add(self, cause: Cause, posts: Iterable[tuple[Remains, Facts]]) -> None:
        """Remember posts that are held or about a child, on disk before this returns; other posts leave none.

        What is taken down is remembered whatever it counted as. What is remembered already is not written again.
        """
        with self._lock:
            stones = [self._carve(cause, *post) for post in posts if _is_remembered(cause, post[1])]
            new = [stone for stone in stones if not self._knows(stone)]
            for stone in new:
                fields = {name: value for name, value in asdict(stone).items() if name in _FIELDS}
                self._append({"state": HELD, **fields}, sync=stone is new[-1])
                self._remember(stone)

    def match(self, remains: Remains, *, stored: bool = False) -> Tombstone | None:
        """The latest tombstone that a post falls under, by its id first, unless a reviewer cleared that content since.

        While the post is `stored`, its own tombstones say nothing: what becomes of it is decided by its facts.
        """
        if not self._all:
            return None
        own = post_mark(remains.post)
        alike = self._alike(remains)
        for stone in (*reversed(self._by_mark.get(own, [])), *alike.values()):
            if not (stored and stone.post == own) and self._holds(stone, own, remains, shows=stone.id in alike):
                return stone
        return None

    def lift(self, remains: Remains, by: str) -> None:
        """Record that a reviewer cleared a post: no tombstone of before holds that very content any more."""
        if self.match(remains) is None:
            return
        with self._lock:
            lift = Lift(self._at(), by, post_mark(remains.post), remains.whole)
            self._append({"state": LIFTED, **lift._asdict()})
            self._lift(lift)

    def withdraw(self, post: str, at: str | None) -> None:
        """Take away the tombstone of a reviewer's hold that was undone: the one that was made at that moment."""
        own = post_mark(post)
        stones = [each for each in self._by_mark.get(own, []) if (each.cause, each.at) == (Cause.HELD, at)]
        with self._lock:
            for stone in stones:
                self._append({"state": WITHDRAWN, "id": stone.id, "at": self._at()})
                self._forget(stone)

    def of_post(self, post: str) -> list[Tombstone]:
        """The tombstones of a post, the earliest first."""
        own = post_mark(post)
        return [stone for stone in list(self._all.values()) if stone.post == own]

    def lifts_of(self, post: str) -> list[Lift]:
        """The clearances of a post that was held before, the earliest first."""
        own = post_mark(post)
        return [lift for lift in list(self._lifts) if lift.post == own]

    def soundness(self) -> Soundness | None:
        """Whether the file is what was written; None where nothing is written."""
        return None if self._chain is None else verify(self._chain.path)

    def fingerprint(self) -> str:
        """A hash of all that is known here: another one means that something was added or lost."""
        return hashlib.sha256(f"{self._lines} {' '.join(self._all)}".encode()).hexdigest()

    def _carve(self, cause: Cause, remains: Remains, facts: Facts) -> Tombstone:
        decided = facts.source in (Source.HOST, Source.REVIEWER) or waits_for_a_person(facts)
        child = Child.CHILD if facts.child is Child.CONSENTED else facts.child
        return Tombstone(
            f"h-{secrets.token_hex(6)}",
            facts.at if cause is Cause.HELD and facts.at else self._at(),
            cause.value,
            child.value,
            decided or cause is Cause.TAKEN_DOWN,
            post_mark(remains.post),
            tuple(key for key in remains.content if key.startswith(KEPT)),
            remains.pictured,
        )

    def _knows(self, stone: Tombstone) -> bool:
        """Whether the same is remembered already, and no lift came after it; a hold has a tombstone of its own."""
        if stone.cause == Cause.HELD:
            return False
        latest = max(self._lifted.values(), default=-1)
        keys = ("cause", "child", "decided", "marks", "pictured")
        return any(
            known.number > latest and all(getattr(known, key) == getattr(stone, key) for key in keys)
            for known in self._by_mark.get(stone.post, [])
        )

    def _alike(self, remains: Remains) -> dict[str, Tombstone]:
        """The tombstones of posts that showed the same, by their ids."""
        alike: dict[str, Tombstone] = {}
        for key in remains.content:
            for stone in self._by_mark.get(key, []):
                # A series may share its words: they are a copy where one of the two has nothing else to show.
                if not key.startswith("words:") or not (stone.pictured and remains.pictured):
                    alike[stone.id] = stone
        for look in _looks(remains.content):
            alike.update({stone.id: stone for stone in self._near(look)})
        for mark in self._album.alike(remains.questions):
            alike.update({stone.id: stone for stone in self._by_mark[mark]})
        return alike

    def _near(self, look: int) -> list[Tombstone]:
        """The tombstones whose photos look the same, as the register of takedowns sees it."""
        if not self._looks:
            return []
        if self._known_looks is None:
            self._known_looks = np.fromiter(self._looks, np.uint64, len(self._looks))
        near = np.bitwise_count(self._known_looks ^ np.uint64(look)) <= BITS_APART
        return [stone for known in self._known_looks[near] for stone in self._looks[int(known)]]

    def _holds(self, stone: Tombstone, own: str, remains: Remains, *, shows: bool) -> bool:
        same_post = stone.post == own
        if same_post and stone.decided and stone.cause != Cause.REPLACED:
            return stone.number > self._lifted.get((own, remains.whole), -1)
        if same_post and not stone.decided and not _both(stone.marks) & _both(remains.content):
            return False  # what a detector alone held is judged afresh once it changed, as an edit is
        return shows and stone.number > self._lifted.get(("", remains.whole), -1)

    def _append(self, entry: Mapping[str, object], *, sync: bool = True) -> None:
        if self._chain is not None:
            self._chain.append(entry, sync=sync)

    def _read(self, entry: Mapping[str, Any]) -> None:
        try:
            state = entry.get("state")
            if state == LIFTED:
                self._lift(Lift(*(str(entry[name]) for name in Lift._fields)))
            elif state == WITHDRAWN and (stone := self._all.get(str(entry["id"]))) is not None:
                self._forget(stone)
            elif state == HELD:
                fields = {name: entry[name] for name in _FIELDS}
                self._remember(Tombstone(**{**fields, "marks": tuple(str(mark) for mark in fields["marks"])}))
        except (KeyError, TypeError, ValueError):
            return  # the chain says that there is a line that nobody wrote

    def _remember(self, stone: Tombstone) -> None:
        self._lines += 1
        stone = Tombstone(**{**asdict(stone), "number": self._lines})
        self._all[stone.id] = stone
        for mark in (stone.post, *stone.marks):
            self._by_mark[mark].append(stone)
            if mark.startswith(LIKENESS):
                self._album.put(mark, likeness_of(mark.removeprefix(LIKENESS)))
        for look in _looks(stone.marks):
            self._looks[look].append(stone)
            self._known_looks = None

    def _lift(self, lift: Lift) -> None:
        self._lines += 1
        self._lifts.append(lift)
        self._lifted[lift.post, lift.whole] = self._lifted["", lift.whole] = self._lines

    def _forget(self, stone: Tombstone) -> None:
        self._lines += 1
        stone = self._all.pop(stone.id)
        for mark in (stone.post, *stone.marks):
            self._by_mark[mark].remove(stone)
        for look in _looks(stone.marks):
            self._looks[look].remove(stone)  # a look of none is near nothing

    def _at(self) -> str:
        return self._now().isoformat(timespec="microseconds")


def remembered_facts(sent: Facts, stone: Tombstone, post: str) -> Facts:
    """The facts of a post under a tombstone: by its own one it counts as it did, by another's it is a copy."""
    if stone.post == post_mark(post):
        return held_before(sent, Child(stone.child), stone.id)
    return like_held(sent, f"{TOMBSTONE}{stone.id}")


def _is_remembered(cause: Cause, facts: Facts) -> bool:
    return cause is Cause.TAKEN_DOWN or facts.child in _REMEMBERED


def _both(marks: Sequence[str]) -> set[str]:
    return {mark for mark in marks if mark.startswith("both:")}


def _looks(marks: Sequence[str]) -> list[int]:
    return [int(mark.removeprefix("look:"), 16) for mark in marks if mark.startswith("look:")]
