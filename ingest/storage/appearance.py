"""Appearance: what a post shows, as it is sent and as it is stored, and whether the one replaces the other."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from ingest.draft import Draft
from ingest.post import digest, plain_attrs
from ingest.steps.copies import keys_of, keys_of_point
from qdrant.engine.write_plan import Edition, Written, content_of, eyes_of, outcome_of
from qdrant.points import Fields, StoredPoint
from vision.fingerprint import Fingerprint

_encoder: Final = msgspec.json.Encoder(order="sorted")


class Appearance(NamedTuple):
    """What a post shows, down to its authors, tags, addresses and fields, and which edition of it that is."""

    display: bytes
    edition: Edition

    def replaces(self, stored: "Appearance") -> bool:
        """Whether it is written over what is stored."""
        return outcome_of(self.edition, stored.edition) is Written.STORED


def exact_of(photo: Fingerprint | None) -> str:
    """The hash of the bytes of a photo; nothing of a post without one."""
    return photo.exact if photo else ""


def appearance_of(post: StoredPoint | Draft) -> Appearance:
    """What a post shows, stored or sent."""
    if isinstance(post, StoredPoint):
        display = _display(keys_of_point(post).photo, post.post, post.attrs)
        return Appearance(display, (post.version, content_of(stored_digest(post))))
    sent, photo = post.sent, post.photo
    display = _display(keys_of(sent, photo).photo, sent.display_fields(), plain_attrs(sent))
    return Appearance(display, (sent.version, digest(sent, exact_of(photo))))


def _display(photo: str, fields: Mapping[str, object], attrs: Mapping[str, object]) -> bytes:
    """All of it as text: `true` is not 1 to whoever reads it."""
    return _encoder.encode([photo, fields, attrs])


def replaces(draft: Draft, point: StoredPoint) -> bool:
    """Whether a line was to replace what is stored; of one that is no post its version tells."""
    if draft.post is not None:
        return appearance_of(draft).replaces(appearance_of(point))
    version = draft.name.version if draft.name else None
    return outcome_of((version, None), (point.version, None)) is Written.STORED


def stored_digest(point: StoredPoint) -> str:
    """The digest that a post was stored with."""
    return point.payload.get(Fields.DIGEST) or ""


def is_seen_otherwise(draft: Draft, stored: StoredPoint | None) -> bool:
    """Whether a post is stored as it is sent, but for the encoder that saw its photo."""
    if stored is None or not draft.eyes or eyes_of(stored_digest(stored)) == draft.eyes:
        return False
    return content_of(stored_digest(stored)) == digest(draft.sent, exact_of(draft.photo))


def is_same(point: StoredPoint, draft: Draft) -> bool:
    """Whether a post shows what is stored."""
    return appearance_of(point).display == appearance_of(draft).display


def is_silent(draft: Draft) -> bool:
    """Whether the site says nothing of a child in this very post; what it says elsewhere takes nothing back."""
    if draft.word_taken_back:
        return False
    return draft.word_from_elsewhere or (draft.sent.child is None and not draft.sent.consent)
