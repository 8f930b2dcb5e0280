"""Whether a point that is sent replaces the one that is stored, and how it is packed when it does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from qdrant.attrs import stamp, typed
from qdrant.points import Fields, PhotoPoint, StoredPoint, folded_tag, packed_features


class Written(StrEnum):
    """What became of a point that was sent."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    STALE = "stale"


Edition = tuple[int | None, str | None]  # the version of a post, and the digest of all that it says
_SEEN_BY = "@"  # between the digest of what a post says, and of what saw its photo


class Write(NamedTuple):
    """A point that is to be written, with the time its post came in first and the time of this write."""

    point: PhotoPoint
    added: datetime
    changed: datetime


def payload_of(write: Write) -> dict[str, Any]:
    """Pack a point's fields; the larger ones as text, which every engine returns fastest."""
    point = write.point
    captions = point.post.get("captions") or ()
    features, evidence = packed_features(point.features), packed_features(point.evidence)
    return {
        Fields.ID: point.id,
        Fields.VERSION: point.version,
        Fields.DIGEST: point.digest,
        Fields.CONTENT: list(point.content),
        Fields.VIS: point.vis,
        Fields.CHILD: point.child,
        Fields.FACTS: orjson.dumps(point.facts).decode(),
        Fields.POST: orjson.dumps(point.post).decode(),
        Fields.ATTRS: dict(point.attrs),
        Fields.DOCUMENT: {modality: orjson.dumps(tokens).decode() for modality, tokens in point.document.items()},
        **({Fields.FEATURES: features} if features else {}),
        **({Fields.EVIDENCE: evidence} if evidence else {}),
        **({Fields.LIKENESS: point.likeness} if point.likeness else {}),
        Fields.MARKS: orjson.dumps(point.marks).decode(),
        Fields.TEXT: "\n".join(caption["text"] for caption in captions),
        Fields.TAGS: sorted({folded_tag(tag) for tag in point.post.get("tags") or ()}),
        Fields.AUTHORS: sorted({caption["author"] for caption in captions if caption.get("author")}),
        Fields.ADDED: stamp(write.added),
        Fields.CHANGED: stamp(write.changed),
        Fields.TYPED: {kind.value: named for kind, named in typed(point.attrs).items()},
    }


def plan(points: Sequence[PhotoPoint], stored: Iterable[StoredPoint]) -> tuple[list[Written], list[Write]]:
    """Decide for each point, in order, whether it is written: older versions are stale, same content is unchanged."""
    now = datetime.now(UTC)
    there = {point.id: point for point in stored}
    known = {post: (point.version, point.payload.get(Fields.DIGEST)) for post, point in there.items()}
    outcomes: list[Written] = []
    writes: dict[str, Write] = {}
    for number, point in enumerate(points):
        outcome = outcome_of((point.version, point.digest), known.get(point.id))
        if outcome is Written.STORED:
            known[point.id] = (point.version, point.digest)
            time = now + timedelta(microseconds=number)  # posts of one batch have an order too: that of their lines
            added = there[point.id].added if point.id in there else time
            writes[point.id] = Write(point, *(point.times or (added, time)))
        outcomes.append(outcome)
    return outcomes, list(writes.values())


def outcome_of(sent: Edition, stored: Edition | None) -> Written:
    """What becomes of a post that is sent, by its version and digest, beside the one that is stored."""
    if stored is None:
        return Written.STORED
    (version, digest), (stored_version, stored_digest) = sent, stored
    if (version or 0) < (stored_version or 0):
        return Written.STALE
    same_version = version is not None and version == stored_version
    same_content = bool(digest) and content_of(digest) == content_of(stored_digest)
    if same_content and digest != stored_digest:
        return Written.STORED  # another encoder saw its photo
    return Written.UNCHANGED if same_version or same_content else Written.STORED


def version_of(payload: Mapping[str, Any]) -> int:
    """The version of a point that is packed; what has none is older than all that have one."""
    return payload.get(Fields.VERSION) or 0


def seen_digest(content: str, eyes: str) -> str:
    """The digest of a post with what saw its photo; `eyes` are empty where nothing did."""
    return f"{content}{_SEEN_BY}{eyes}" if eyes else content


def content_of(digest: str | None) -> str:
    """The part of a digest that is of what the post says."""
    return (digest or "").partition(_SEEN_BY)[0]


def eyes_of(digest: str | None) -> str:
    """The part of a digest that tells what saw its photo; nothing where that is not known."""
    return (digest or "").partition(_SEEN_BY)[2]
