"""Removing what must go: the post, its photo under every other id, and its return."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from common.album import LIKENESS, packed_likeness
from compliance.law import Law
from compliance.records.takedown_register import BITS_APART, Takedown, Takedowns, link_marks, ordered_marks, post_mark
from compliance.records.tombstones import Cause
from ingest.changes.withdrawal import bury, remove
from ingest.photos.rendition_folder import RenditionFolder
from ingest.steps.copies import bands_around, telling
from qdrant.engine.protocol import batches
from qdrant.filters import Filter, Posts, any_of, both
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store
from vision.fingerprint import Fingerprint

DELETED_AT_ONCE: Final = 200  # between two batches others have their turn
_EXACT: Final = 32  # letters of a photo's hash that the store keeps


class Remover:
    """Takes posts down; whatever returned is gone from the store, and does not come back."""

    def __init__(self, store: Store, law: Law, renditions: RenditionFolder | None = None) -> None:
        self._store = store
        self._law = law
        self._renditions = renditions
        self.takedowns = law.takedowns
        self._tombstones = law.tombstones
        self._audit = law.audit
        self._turn = law.turn

    def take_down(
        self,
        by: str,
        reason: str,
        *,
        post: str | None = None,
        link: str | None = None,
        photo: Fingerprint | None = None,
    ) -> Takedown:
        """Take down a post by its id, all posts with a link, or with a photo and whatever looks the same."""
        with self._turn:
            marks, gone = self._reach(post, link, photo)
            takedown = self.takedowns.begin(by, reason, marks, len(gone))
            bury(self._tombstones, Cause.TAKEN_DOWN, gone.values())
            if gone:
                self._drop_renditions(gone)
                self._store.delete(sorted(gone))
            takedown = self.takedowns.finish(takedown.id)
        self._audit.taken_down(takedown.id, len(gone), by)
        return takedown

    def preview(
        self, *, post: str | None = None, link: str | None = None, photo: Fingerprint | None = None
    ) -> list[StoredPoint]:
        """The stored posts that a takedown would remove, were it ordered now; nothing is changed."""
        _, gone = self._reach(post, link, photo)
        return [gone[name] for name in sorted(gone)]

    def delete(self, post: str) -> bool:
        """Delete a post as the site wishes; tells whether there was one. What was held is remembered."""
        return self.delete_all([post]) == [post]

    def delete_all(self, posts: Sequence[str], where: Filter | None = None) -> list[str]:
        """Delete posts as the site wishes, those that pass a filter where one is given; gives those that were there."""
        gone: list[str] = []
        for part in batches(posts, DELETED_AT_ONCE):
            with self._turn:
                known = Posts(frozenset(part))
                points = self._store.get(part) if where is None else self._store.scroll(both(known, where))
                gone += remove(self._store, self._law, self._renditions, [point for point in points if point])
        return gone

    def reach(self, where: Filter, limit: int) -> list[str]:
        """The ids of so many posts that pass a filter, whoever may see them."""
        return [point.id for point in islice(self._store.scroll(where), limit)]

    def known(self, posts: Iterable[str]) -> list[str]:
        """Those of these ids that are stored."""
        return [point.id for part in batches(posts) for point in self._store.get(part) if point is not None]

    def count(self, where: Filter) -> int:
        """How many posts pass a filter, whoever may see them."""
        return self._store.count(where)

    def _drop_renditions(self, posts: Iterable[str]) -> None:
        """Remove small copies of photos before their posts: a crash in between leaves none without a post."""
        if self._renditions:
            self._renditions.remove(posts)

    def _reach(
        self, post: str | None, link: str | None, photo: Fingerprint | None
    ) -> tuple[set[str], dict[str, StoredPoint]]:
        """What a takedown is remembered by, and the stored posts that it covers."""
        marks = {*([post_mark(post)] if post else []), *(ordered_marks(link) if link else [])}
        if photo is not None:
            marks |= marks_of(photo)
        named = list(self._named(post, link))
        marks |= {mark for point in named for mark in (*_photo_marks(point), *_likeness_marks(point))}
        gone = {point.id: point for point in named}
        gone |= {point.id: point for point in self._candidates(marks) if _looks_like(point, marks)}
        return marks, gone

    def _named(self, post: str | None, link: str | None) -> Iterator[StoredPoint]:
        """The post of the id, or all posts with the link, which is in no index."""
        if post:
            yield from (point for point in self._store.get([post]) if point is not None)
        if link:
            marks = ordered_marks(link)
            yield from (point for point in self._store.scroll() if _has_link(point, marks))

    def _candidates(self, marks: set[str]) -> Iterator[StoredPoint]:
        """Posts that may show one of the photos, by their keys where these are sure to find them, else all posts."""
        keys = {mark for mark in marks if mark.startswith("photo:")}
        for look in _looks(marks):
            around = bands_around(look)
            if around is None:
                yield from self._store.scroll()
                return
            keys |= around
        if keys:
            yield from self._store.scroll(any_of(Fields.CONTENT, keys))


def apply_register(store: Store, law: Law, renditions: RenditionFolder | None = None) -> int:
    """Remove what the register names and the store still holds, as after a crash or a restore; tells how many went.

    Takedowns that nobody finished are finished by it.
    """
    takedowns = law.takedowns
    if not takedowns.all():
        return 0
    gone: Counter[str] = Counter()
    for points in batches(store.scroll()):
        named = {point.id: its for point in points if (its := takedown_of(point, takedowns)) is not None}
        if named:
            bury(law.tombstones, Cause.TAKEN_DOWN, [point for point in points if point.id in named])
            if renditions:
                renditions.remove(named)
            store.delete(sorted(named))
            gone.update(named.values())
    unfinished = {takedown.id for takedown in takedowns.unfinished()}
    for takedown in takedowns.all()[::-1]:
        if takedown.id in unfinished:
            takedowns.finish(takedown.id)
        if takedown.id in unfinished or gone[takedown.id]:
            law.audit.taken_down(takedown.id, gone[takedown.id], takedown.by)
    return gone.total()


def takedown_of(point: StoredPoint, takedowns: Takedowns) -> str | None:
    """The takedown that a stored post falls under."""
    marks = _photo_marks(point)
    exact = next((mark.removeprefix("photo:") for mark in marks if mark.startswith("photo:")), None)
    return takedowns.match(point.id, point.post.get("link"), exact, next(iter(_looks(marks)), None))


def marks_of(photo: Fingerprint) -> set[str]:
    """How a photo is remembered: by its file, and by its look where that tells it from others."""
    look = {f"look:{photo.perceptual:016x}"} if telling(photo.perceptual) else set()
    likeness = packed_likeness(photo.likeness.kept)
    return {f"photo:{photo.exact[:_EXACT]}", *look, *([f"{LIKENESS}{likeness}"] if likeness else [])}


def _has_link(point: StoredPoint, marks: frozenset[str]) -> bool:
    its: str | None = point.post.get("link")
    return its is not None and not marks.isdisjoint(link_marks(its))


def _photo_marks(point: StoredPoint) -> list[str]:
    return [key for key in point.payload.get(Fields.CONTENT) or () if key.startswith(("photo:", "look:"))]


def _likeness_marks(point: StoredPoint) -> list[str]:
    return [f"{LIKENESS}{point.likeness}"] if point.likeness else []


def _looks(marks: Iterable[str]) -> list[int]:
    return [int(mark.removeprefix("look:"), 16) for mark in marks if mark.startswith("look:")]


def _looks_like(point: StoredPoint, marks: set[str]) -> bool:
    """Whether a stored post shows one of the photos."""
    its = _photo_marks(point)
    near = ((look ^ known).bit_count() <= BITS_APART for look in _looks(its) for known in _looks(marks))
    return not marks.isdisjoint(its) or any(near)
