"""Held photos: what the stored photos of held posts are recognised by, whatever disguise they come again in."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from common.album import Album, likeness_of
from common.arrays import UInt64
from compliance.facts import Facts
from compliance.precedence import holds_copies, is_about_a_child

_LEAST_AGE: Final = 60.0  # seconds between two readings: others may write to a server as well
_SHARE: Final = 20  # and so many times as long as one takes


class HeldPhotos:
    """The likenesses of posts about children, by post: read from the store, and kept up by whoever changes facts.

    Only who holds the law's turn may use it. A post that was deleted may still be named: its facts are asked for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._album = Album()
        self._by_themselves: set[str] = set()  # not for nothing but that they are like another one
        self._due = float("-inf")
        self._tell: Callable[[str, str, Facts], None] = lambda *_: None

    def share(self, tell: Callable[[str, str, Facts], None]) -> None:
        """Tell other processes of what is noted."""
        self._tell = tell

    def forget_all(self) -> None:
        """Have the store read anew."""
        self._due = float("-inf")

    @property
    def is_due(self) -> bool:
        """Whether the store is to be read, for the first time or anew."""
        return self._clock() >= self._due

    def read(self, posts: Iterable[tuple[str, str, Facts]]) -> None:
        """Take all posts of the store that are about children, with their likenesses, in place of what is known."""
        begin = self._clock()
        self._album, self._by_themselves = Album(), set()
        for post in posts:
            self.take(*post)
        self._due = self._clock() + max(_LEAST_AGE, _SHARE * (self._clock() - begin))

    def note(self, post: str, likeness: str, facts: Facts) -> None:
        """Know how a post stands from now on, and tell of it."""
        self._tell(post, likeness, facts)
        self.take(post, likeness, facts)

    def take(self, post: str, likeness: str, facts: Facts) -> None:
        """Know how a post stands from now on."""
        self._by_themselves.discard(post)
        try:
            known = likeness_of(likeness) if likeness and is_about_a_child(facts) else None
        except ValueError:
            known = None
        if known is None:
            self._album.drop(post)
            return
        self._album.put(post, known)
        if holds_copies(facts):
            self._by_themselves.add(post)

    def like(self, questions: UInt64, post: str, *, new: bool) -> list[str]:
        """Other posts whose photo this post's is a copy of; where it is not new, those that are held by themselves."""
        alike = (other for other in self._album.alike(questions) if other != post)
        return [other for other in alike if new or other in self._by_themselves]

    def __len__(self) -> int:
        return len(self._album)
