"""What a post is recognised by once it is gone: as it is sent, and as it is stored."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from common.album import LIKENESS, NO_QUESTIONS, likeness_of, packed_likeness
from common.arrays import UInt64
from compliance.records.tombstones import KEPT, Remains
from ingest.post import Post, hashed, plain_attrs
from ingest.steps.copies import Keys, keys_of
from qdrant.points import Fields, StoredPoint
from vision.fingerprint import Fingerprint
from vision.likeness import questions

_encoder: Final = msgspec.json.Encoder(order="sorted")


def questions_of(photo: Fingerprint | None) -> UInt64:
    """What is asked to find the posts that a photo is a copy of."""
    return questions(photo.likeness.asked if photo else b"")


def remains_of(post: Post, photo: Fingerprint | None, asked: UInt64 = NO_QUESTIONS) -> Remains:
    """The remains of a post that is sent; `asked` are the questions of its photo."""
    likeness = packed_likeness(photo.likeness.kept) if photo else ""
    content = [*keys_of(post, photo).stored(), *([f"{LIKENESS}{likeness}"] if likeness else [])]
    return _remains(post.id, content, post.display_fields(), plain_attrs(post), asked)


def remains_of_point(point: StoredPoint) -> Remains:
    """The remains of a post that is stored."""
    content = point.payload.get(Fields.CONTENT) or ()
    if not point.likeness:
        return _remains(point.id, content, point.post, point.attrs, NO_QUESTIONS)
    asked = questions(likeness_of(point.likeness))
    return _remains(point.id, (*content, f"{LIKENESS}{point.likeness}"), point.post, point.attrs, asked)


def whole_of_point(point: StoredPoint) -> str:
    """The hash of all that is shown of a stored post."""
    return _whole(point.payload.get(Fields.CONTENT) or (), point.post, point.attrs)


def lost_content(remains: Remains, keys: Keys) -> tuple[str, ...]:
    """Of what a post is recognised by, what is gone once it has other keys; a photo goes with its likeness."""
    kept = keys.stored()
    gone = tuple(key for key in remains.content if key not in kept and not key.startswith(LIKENESS))
    if not any(key.startswith("photo:") for key in gone):
        return gone
    return (*gone, *(key for key in remains.content if key.startswith(LIKENESS)))


def _remains(
    post: str, keys: Iterable[str], display: Mapping[str, object], attrs: Mapping[str, object], asked: UInt64
) -> Remains:
    content = tuple(key for key in keys if key.startswith(KEPT))
    return Remains(post, content, _whole(content, display, attrs), bool(_photo_of(content)), asked)


def _whole(keys: Iterable[str], display: Mapping[str, object], attrs: Mapping[str, object]) -> str:
    return hashed(_encoder.encode([display, attrs, _photo_of(keys)]))


def _photo_of(keys: Iterable[str]) -> str:
    return next((key for key in keys if key.startswith("photo:")), "")
