"""The same words again, with nothing more to show, add nothing."""

from ingest.draft import Draft
from ingest.reason import Reason
from ingest.steps.copies import Keys, Known


def duplicate(draft: Draft, keys: Keys, known: Known) -> Reason | None:
    """Turn away a post that shows and says what another one does."""
    post = draft.sent.id
    others = known.having(keys.both, post) or known.showing_and_saying(keys, post)
    if not others:
        return None
    return Reason("duplicate", f"Post {others[0]!r} has the same photo and words: send it once.")


def duplicate_text(draft: Draft, keys: Keys, known: Known) -> Reason | None:
    """Turn away a post without a photo whose words another post has, with a photo. A series may share its words."""
    others = [] if keys.photo else known.having(keys.words, draft.sent.id)
    if not others:
        return None
    return Reason("duplicate_text", f"Post {others[0]!r} says the same, and this one shows no photo.")
