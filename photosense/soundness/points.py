"""A stored post against itself: everything of it is read, and what stands in it twice must say the same."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson

from common.album import likeness_of
from compliance.facts import Child, Source, from_payload
from ingest.post import Post, hashed, wording
from qdrant.engine.about import About
from qdrant.engine.checks import check_vector
from qdrant.errors import PointRefused
from qdrant.points import Fields, StoredPoint
from qdrant.vector_kind import NamedVector

_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, PointRefused, msgspec.ValidationError)


class PointCheck:
    """Checks stored posts against themselves and the vectors that the store has."""

    def __init__(self, vectors: Mapping[NamedVector, int]) -> None:
        self._about = About(vectors)
        self._named = {vector.name: vector for vector in vectors}

    def fault(self, point: StoredPoint) -> str | None:
        """What is wrong with a post; None when nothing is."""
        for part in (_check_post, _check_facts, _check_document, _check_photo, _check_times, self._check_vectors):
            try:
                part(point)
            except _UNREADABLE as error:
                return str(error).rstrip(".") or type(error).__name__
        return None

    def _check_vectors(self, point: StoredPoint) -> None:
        for name, values in point.vectors.items():
            check_vector(values, self._named[name], self._about)


def _check_post(point: StoredPoint) -> None:
    shown: dict[str, Any] = orjson.loads(point.payload[Fields.POST])
    fields = {name: value for name, value in shown.items() if value is not None}
    post = msgspec.convert({"id": point.payload[Fields.ID], **fields}, Post)
    version = point.version
    if not (version is None or isinstance(version, int)):
        raise ValueError(f"its version is {version!r}")
    content = point.payload.get(Fields.CONTENT) or ()
    words = next((key for key in content if key.startswith("words:")), None)
    if words is not None and words != f"words:{hashed(wording(post.texts).encode())}":
        raise ValueError("its captions are not those that it came in with")
    orjson.loads(point.payload.get(Fields.MARKS) or b"{}")


def _check_facts(point: StoredPoint) -> None:
    facts = orjson.loads(point.payload.get(Fields.FACTS) or b"{}")
    if not facts:  # nothing was recorded of it, and the gate withholds it
        return
    Child(facts["child"])
    Source(facts["source"])
    child, ways = from_payload(facts).visibility
    stored = point.payload[Fields.CHILD], _as_list(point.payload[Fields.VIS])
    if stored != (child, ways):
        raise ValueError(
            f"its facts say {child}, {'/'.join(ways)}; it is filtered as {stored[0]}, {'/'.join(stored[1])}"
        )


def _check_document(point: StoredPoint) -> None:
    for modality, tokens in point.document().items():
        if not all(isinstance(count, int | float) and 0 < count < math.inf for count in tokens.values()):
            raise ValueError(f"its document counts {modality} by what is no number")


def _check_photo(point: StoredPoint) -> None:
    if point.likeness:
        likeness_of(point.likeness)
    for measured in (point.features, point.evidence):
        if measured is not None and not all(map(math.isfinite, measured.tolist())):
            raise ValueError("what was measured in its photo is no number")


def _check_times(point: StoredPoint) -> None:
    if not isinstance(point.added, datetime) or point.added > point.changed:
        raise ValueError("it changed before it came")


def _as_list(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
