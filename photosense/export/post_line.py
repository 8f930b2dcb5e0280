"""A stored post as a line of an export, and back: nothing of it is lost, but what a model makes of it."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import orjson

from compliance.facts import Child, Facts, Source, Vis, from_payload, to_payload, vis
from compliance.lexicon.lexicon import Lexicon
from compliance.post_facts import facts_of_post
from compliance.precedence import stricter
from ingest.post import Post
from ingest.sparse_words import words_of
from qdrant.engine.about import About
from qdrant.points import Fields, PhotoPoint, StoredPoint
from qdrant.vector_kind import NamedVector

_PLAIN = (Fields.ID, Fields.VERSION, Fields.DIGEST, Fields.CONTENT, Fields.ATTRS, Fields.ADDED, Fields.CHANGED)
_PACKED = (Fields.FEATURES, Fields.EVIDENCE, Fields.LIKENESS)  # numbers as the store keeps them


def post_line(point: StoredPoint) -> dict[str, Any]:
    """The line of a post; what stands in it twice is left out."""
    payload = point.payload
    return {
        **{name: payload.get(name) for name in _PLAIN},
        Fields.FACTS: dict(point.facts),
        Fields.POST: dict(point.post),
        Fields.DOCUMENT: point.document(),
        Fields.MARKS: orjson.loads(payload.get(Fields.MARKS) or b"{}"),
        **{name: payload[name] for name in _PACKED if payload.get(name)},
        "vectors": {name: b64encode(vector.astype("<f4").tobytes()).decode() for name, vector in point.vectors.items()},
    }


def point_from(line: Mapping[str, Any], about: About, lexicon: Lexicon | None) -> PhotoPoint:
    """The point of a line. No word of the line opens what its text holds by the rules of today.

    Without a lexicon its facts stand as they are: a line that never left the home was judged there.
    """
    facts = _facts(line, lexicon) if lexicon else from_payload(line[Fields.FACTS])
    child, ways = facts.visibility
    is_held = vis(facts.child) is Vis.HELD or len(ways) > 1
    document = line[Fields.DOCUMENT]
    return PhotoPoint(
        id=line[Fields.ID],
        vis=ways[0] if len(ways) == 1 else ways,
        child=child,
        facts=to_payload(facts),
        post=line[Fields.POST],
        attrs=line[Fields.ATTRS] or {},
        document=document,
        words={} if is_held else words_of(document),
        vectors=_vectors(line.get("vectors") or {}, about),
        features=_row(line.get(Fields.FEATURES)),
        evidence=_row(line.get(Fields.EVIDENCE)),
        likeness=line.get(Fields.LIKENESS) or "",
        version=line[Fields.VERSION],
        digest=line[Fields.DIGEST] or "",
        content=line[Fields.CONTENT] or (),
        marks=line[Fields.MARKS],
        times=(datetime.fromisoformat(line[Fields.ADDED]), datetime.fromisoformat(line[Fields.CHANGED])),
    )


def _facts(line: Mapping[str, Any], lexicon: Lexicon) -> Facts:
    """The facts of the line, with all their history, and whatever its text says of a child today."""
    facts = from_payload(line[Fields.FACTS])
    if vis(facts.child) is Vis.HELD or facts.source is Source.REVIEWER or facts.child is Child.CONSENTED:
        return facts
    shown = {name: value for name, value in line[Fields.POST].items() if value is not None}
    post = msgspec.convert({"id": line[Fields.ID], **shown, "attrs": line[Fields.ATTRS] or {}}, Post)
    by_site = False if facts.source is Source.HOST else None
    today = facts_of_post(post.visible_texts, post.tags, by_site, None, lexicon, post.attrs)
    return stricter(facts, today, same=True)


def _vectors(packed: Mapping[str, str], about: About) -> dict[NamedVector, Any]:
    named = {vector.name: vector for vector in about.vectors}
    return {
        named[name]: np.frombuffer(b64decode(vector), "<f4").astype(np.float32)
        for name, vector in packed.items()
        if name in named
    }


def _row(packed: str | None) -> Any:
    return np.frombuffer(b64decode(packed), "<f2").astype(np.float32) if packed else None
