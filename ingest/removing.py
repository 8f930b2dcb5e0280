"""Removing what must go: the post, its photo under every other id, and its return."""

import threading
from collections.abc import Iterable
from typing import Final

from compliance.audit import Audit
from compliance.takedown import BITS_APART, Takedown, Takedowns, link_mark, post_mark
from ingest.images.decode import decode
from ingest.images.fingerprint import Fingerprint, fingerprint
from ingest.steps.alike import telling
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store

_EXACT: Final = 32  # letters of a photo's hash that the store keeps


class Remover:
    """Takes posts down; whatever returned is gone from the store, and does not come back."""

    def __init__(self, store: Store, takedowns: Takedowns, audit: Audit, turn: threading.Lock) -> None:
        self._store = store
        self.takedowns = takedowns
        self._audit = audit
        self._turn = turn

    def take_down(
        self, by: str, reason: str, *, post: str | None = None, link: str | None = None, photo: bytes | None = None
    ) -> Takedown:
        """Take down a post by its id, all posts with a link, or with a photo and whatever looks the same."""
        marks = {*([post_mark(post)] if post else []), *([link_mark(link)] if link else [])}
        if photo is not None:
            marks |= marks_of(fingerprint(photo, decode(photo)))
        with self._turn:
            named = [point for point in self._store.scroll() if _is_named(point, post, link)] if post or link else []
            marks |= {mark for point in named for mark in _photo_marks(point)}
            gone = {point.id for point in named}
            gone |= {point.id for point in self._store.scroll() if _looks_like(point, marks)}
            takedown = self.takedowns.add(by, reason, marks, len(gone))
            if gone:
                self._store.delete(sorted(gone))
        self._audit.taken_down(takedown.id, len(gone), by)
        return takedown


def marks_of(photo: Fingerprint) -> set[str]:
    """How a photo is remembered: by its file, and by its look where that tells it from others."""
    look = {f"look:{photo.perceptual:016x}"} if telling(photo.perceptual) else set()
    return {f"photo:{photo.exact[:_EXACT]}", *look}


def _is_named(point: StoredPoint, post: str | None, link: str | None) -> bool:
    its = point.post.get("link")
    return point.id == post or bool(link and its and link_mark(its) == link_mark(link))


def _photo_marks(point: StoredPoint) -> Iterable[str]:
    return [key for key in point.payload.get(Fields.CONTENT) or () if key.startswith(("photo:", "look:"))]


def _looks_like(point: StoredPoint, marks: set[str]) -> bool:
    """Whether a stored post shows one of the photos."""
    looks = [int(mark.removeprefix("look:"), 16) for mark in marks if mark.startswith("look:")]
    for key in _photo_marks(point):
        if key in marks:
            return True
        if key.startswith("look:"):
            look = int(key.removeprefix("look:"), 16)
            if any((look ^ known).bit_count() <= BITS_APART for known in looks):
                return True
    return False
