"""Withdrawal: what a refused update was to replace is removed where the site asks for it, and remembered if held."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from compliance.facts import from_payload
from compliance.law import Law
from compliance.records.tombstones import Cause, Tombstones
from ingest.changes.merge_patch import VERSION_MISSING
from ingest.draft import REJECTED, Draft
from ingest.photos.rendition_folder import RenditionFolder
from ingest.remains import remains_of_point
from qdrant.points import StoredPoint
from qdrant.store import Store

WITHDRAWN: Final = "withdrawn"  # the mark of a refused update whose post was removed
# Reasons that are none of the post: it may be taken as it is when it comes again.
_FOR_NOW: Final = ("photo_url_failed", VERSION_MISSING)


class OnReject(StrEnum):
    """What becomes of the stored post that a refused update was to replace."""

    KEEP = "keep"
    WITHDRAW = "withdraw"


def may_withdraw(draft: Draft, wish: OnReject | None) -> bool:
    """Whether a refused line takes a stored post with it; without a wish, where nothing is said any more.

    A line that says nothing but that a child is shown is sent to hold what is stored, not to empty it.
    """
    if draft.result is None or draft.result.status != REJECTED or draft.result.reason in _FOR_NOW:
        return False
    if wish is not None:
        return wish is OnReject.WITHDRAW
    return draft.post is not None and draft.post.child is not True and not _has_words(draft.post.texts)


def withdraws(point: StoredPoint, wish: OnReject | None) -> bool:
    """Whether the stored post of such a line goes; without a wish, where something was said."""
    return wish is not None or _has_words(_texts_of(point))


def _has_words(texts: Iterable[str]) -> bool:
    return any(text.strip() for text in texts)


def _texts_of(point: StoredPoint) -> list[str]:
    return [caption["text"] for caption in point.post.get("captions") or ()]


def bury(tombstones: Tombstones, cause: Cause, points: Iterable[StoredPoint]) -> None:
    """Remember stored posts that are held, before they go."""
    tombstones.add(cause, [(remains_of_point(point), from_payload(point.facts)) for point in points])


def remove(store: Store, law: Law, renditions: RenditionFolder | None, points: Sequence[StoredPoint]) -> list[str]:
    """Remove stored posts for good, as the site wishes; gives those that were there. Who calls has the law's turn."""
    posts = [point.id for point in points]
    if not posts:
        return []
    bury(law.tombstones, Cause.DELETED, points)
    if renditions:
        renditions.remove(posts)  # before their posts: a crash in between leaves none without a post
    gone = [post for post, was_there in zip(posts, store.delete(posts), strict=True) if was_there]
    for post in gone:
        law.audit.deleted(post)
    return gone
