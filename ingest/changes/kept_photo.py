"""A photo that stays while its post is changed: what was seen in it, as the store has it, judged with the new words."""

from dataclasses import replace
from typing import Final

from common.album import likeness_of
from compliance.facts import Child, Facts, Source, Vis, from_payload, vis
from compliance.photo.caption_words import caption_words
from compliance.photo.detector import PhotoDetector
from compliance.precedence import with_photo
from ingest.changes.merge_patch import word_beneath
from ingest.draft import Draft
from ingest.photos.photo_parts import PhotoParts
from ingest.steps.copies import keys_of_point
from qdrant.engine.write_plan import eyes_of
from qdrant.points import Fields, StoredPoint
from qdrant.vector_kind import DUAL
from topic_model.document import IMAGE
from vision.fingerprint import Fingerprint
from vision.likeness import Likeness

_PLAIN: Final = (Child.CLEAR, Child.UNSEEN)


def keep_photo(draft: Draft, point: StoredPoint, parts: PhotoParts) -> None:
    """Give a draft the photo of the stored post; `point` was read with its features."""
    draft.photo = fingerprint_of(point)
    draft.eyes = eyes_of(point.payload.get(Fields.DIGEST))
    draft.features, draft.evidence = point.features, point.evidence
    draft.dual = point.vector(DUAL, parts.dual.id) if parts.dual else None
    if words := point.tokens(IMAGE):
        draft.document = {**draft.document, IMAGE: dict(words)}
    draft.facts = _judged(draft, from_payload(point.facts), parts.detector)


def fingerprint_of(point: StoredPoint) -> Fingerprint:
    """The fingerprint of a stored photo: its hash is as long as a key has it, and it asks by what it is known by."""
    keys = keys_of_point(point)
    likeness = likeness_of(point.likeness) if point.likeness else b""
    look = int(keys.look.removeprefix("look:"), 16) if keys.look else 0
    return Fingerprint(keys.photo.removeprefix("photo:"), look, Likeness(likeness, likeness))


def _judged(draft: Draft, stored: Facts, detector: PhotoDetector | None) -> Facts:
    """The facts with what a detector says of the photo; where none can, what one said before stands."""
    features, evidence = draft.features, draft.evidence
    if detector is not None and features is not None and detector.has_seen_like(features, evidence):
        words = caption_words(draft.sent.texts, draft.sent.tags)
        numbers = None if evidence is None else evidence[None]
        ((score, thresholds),) = detector.judge(features[None], [words], numbers)
        return with_photo(draft.facts, score, thresholds)
    facts, before = with_photo(draft.facts, None, None), word_beneath(stored)
    if before.source is Source.PHOTO and vis(before.child) is Vis.HELD and facts.child in _PLAIN:
        return replace(facts, child=before.child, source=Source.PHOTO, score=before.score)
    return facts
