"""A new point: what the store gets of a post."""

from collections.abc import Mapping

from common.album import packed_likeness
from common.arrays import Float32
from compliance.facts import Facts, Vis, to_payload, vis
from ingest.draft import Draft
from ingest.post import digest, plain_attrs
from ingest.sparse_words import words_of
from ingest.steps.copies import keys_of
from ingest.storage.appearance import exact_of
from qdrant.engine.write_plan import seen_digest
from qdrant.points import PhotoPoint
from qdrant.vector_kind import NamedVector
from vision.fingerprint import Fingerprint


def new_point(draft: Draft, facts: Facts, vectors: Mapping[NamedVector, Float32]) -> PhotoPoint:
    """The point of a draft, with these facts and vectors."""
    post = draft.sent
    child, ways = facts.visibility
    is_held = vis(facts.child) is Vis.HELD or len(ways) > 1
    return PhotoPoint(
        id=post.id,
        vis=ways[0] if len(ways) == 1 else ways,
        child=child,
        facts=to_payload(facts),
        post=post.display_fields(),
        attrs=plain_attrs(post),
        document=draft.document,
        words={} if is_held else words_of(draft.document),  # no score may tell of a held post's words
        vectors=vectors,
        features=draft.features,
        evidence=draft.evidence,
        likeness=likeness_of_photo(draft.photo),
        version=post.version,
        digest=seen_digest(digest(post, exact_of(draft.photo)), draft.eyes),
        content=keys_of(post, draft.photo).stored(),
        marks=dict(draft.marks),
    )


def likeness_of_photo(photo: Fingerprint | None) -> str:
    """The likeness of a photo as payloads keep it; nothing of a post without one."""
    return packed_likeness(photo.likeness.kept) if photo else ""
