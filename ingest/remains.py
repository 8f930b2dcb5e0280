"""What a post is recognised by once it is gone: as it is sent, and as it is stored."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from compliance.records.tombstones import KEPT, Remains
from ingest.post import Post, hashed, plain_attrs
from ingest.steps.copies import keys_of
from qdrant.points import Fields, StoredPoint
from vision.fingerprint import Fingerprint

_encoder: Final = msgspec.json.Encoder(order="sorted")


def remains_of(post: Post, photo: Fingerprint | None) -> Remains:
    """The remains of a post that is sent."""
    return _remains(post.id, keys_of(post, photo).stored(), post.display_fields(), plain_attrs(post))


def remains_of_point(point: StoredPoint) -> Remains:
    """The remains of a post that is stored."""
    return _remains(point.id, point.payload.get(Fields.CONTENT) or (), point.post, point.attrs)


def _remains(post: str, keys: Iterable[str], shown: Mapping[str, object], attrs: Mapping[str, object]) -> Remains:
    content = tuple(key for key in keys if key.startswith(KEPT))
    photo = next((key for key in content if key.startswith("photo:")), "")
    return Remains(post, content, hashed(_encoder.encode([shown, attrs, photo])), bool(photo))
