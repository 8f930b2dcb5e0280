"""The same photo again, to the byte or to the eye."""

from ingest.draft import Draft
from ingest.reason import Reason
from ingest.settings import Copies
from ingest.steps.copies import Keys, Known
from ingest.steps.verdict import Mark


def duplicate_photo(draft: Draft, keys: Keys, known: Known, copies: Copies) -> Reason | Mark | None:
    """Turn away, link or keep a post whose photo is another post's file."""
    others = known.having(keys.photo, draft.sent.id)
    if not others or copies is Copies.KEEP:
        return None
    if copies is Copies.LINK:
        return Mark("duplicate_photo", others[0])
    return Reason("duplicate_photo", f"Post {others[0]!r} has the same photo, with other words.")


def near_duplicate(draft: Draft, keys: Keys, known: Known, copies: Copies) -> Reason | Mark | None:
    """Turn away, link or keep a post whose photo looks like another post's file."""
    alike = known.looking_like(keys, draft.sent.id)
    others = [other for other in alike if not known.owns(keys.photo, other)]
    if not others or copies is Copies.KEEP:
        return None
    if copies is Copies.LINK or known.owns(keys.look, draft.sent.id):
        return Mark("near_duplicate", others[0])
    return Reason("near_duplicate", f"The photo of post {others[0]!r} looks the same but for size or quality.")
