"""What an engine would take silently and regret later is refused before it."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson

from common.arrays import Float32
from qdrant.engine.about import About
from qdrant.errors import PointRefused
from qdrant.points import PhotoPoint
from qdrant.store import Standing
from qdrant.vector_kind import Measure, NamedVector

_LARGEST = 2**63 - 1
_LARGEST_HALF = 65_504
LONGEST = 65_536  # of the vectors: some engines would take more, and never open again
HEAVIEST = 1e6


def check(point: PhotoPoint, about: About) -> None:
    """Refuse what an engine would take silently and regret later."""
    if not 1 <= len(point.id) <= 256:
        raise PointRefused(f"The id {point.id[:40]!r} has {len(point.id)} characters: give 1 to 256.")
    if point.version is not None and not 0 <= point.version <= _LARGEST:
        raise PointRefused(f"The version {point.version} of {point.id!r} is out of range: give 0 to 2^63 - 1.")
    for vector, values in point.vectors.items():
        check_vector(values, vector, about)
    for name, measured in (("features", point.features), ("evidence", point.evidence)):
        if measured is not None and not (np.abs(measured) < _LARGEST_HALF).all():
            raise PointRefused(f"The {name} of post {point.id[:40]!r} are not finite, or too large for 16 bits.")
    try:
        orjson.dumps([point.id, point.post, point.attrs, point.facts, point.document, point.words, point.content])
    except TypeError as error:
        raise PointRefused(
            f"Post {point.id[:40]!r} cannot be stored ({error}): send valid UTF-8 and 64-bit numbers."
        ) from None
    _check_words(point.words, point.id)
    for name, value in point.attrs.items():
        if not all(map(_flat, value if isinstance(value, list | tuple) else [value])):
            raise PointRefused(
                f"The attr {name[:40]!r} of post {point.id[:40]!r} cannot be stored: give strings, finite numbers, "
                "true or false, places, or a list of them."
            )


def check_standing(post: str, standing: Standing) -> None:
    """Refuse facts and words that cannot be stored."""
    try:
        orjson.dumps([standing.payload(), standing.words])
    except TypeError as error:
        raise PointRefused(f"The facts of post {post[:40]!r} cannot be stored ({error}): send valid UTF-8.") from None
    _check_words(standing.words, post)


def check_size(vector: NamedVector, size: int, about: About) -> None:
    """Refuse a vector that no engine could keep, and one whose name another kind has taken."""
    if not 1 <= size <= LONGEST:
        raise PointRefused(
            f"The {vector.kind.name} vectors of {vector.owner[:60]!r} are {size} long: 1 to {LONGEST} can be stored."
        )
    if any(vector.name == other.name and vector != other for other in about.vectors):
        raise PointRefused(
            f"The store has another kind of vectors named {vector.name[:80]!r}: give the kind a new name."
        )


def check_vector(values: Float32, vector: NamedVector, about: About) -> None:
    """Refuse a vector that cannot be compared with the others of its name."""
    kind, owner = vector
    if vector not in about.vectors:
        known = ", ".join(about.sizes(kind)) or "none"
        raise PointRefused(f"The store has no {kind.name} vector of {owner} (it has: {known}): add {owner} first.")
    if values.shape != (about.vectors[vector],):
        raise PointRefused(
            f"The {kind.name} vector has the shape {values.shape}; those of {owner} have {about.vectors[vector]}."
        )
    if not np.isfinite(values).all() or not _IS_COMPARABLE[kind.measure](values):
        raise PointRefused(f"The {kind.name} vector of {owner} must hold finite numbers {_COMPARABLE[kind.measure]}.")


_COMPARABLE = {Measure.L1: "of 0 or more that sum to 1", Measure.COSINE: "that are not all 0"}
_IS_COMPARABLE: Mapping[Measure, Callable[[Float32], bool]] = {
    Measure.L1: lambda values: not (values < 0).any() and abs(float(values.sum()) - 1.0) <= 1e-3,
    Measure.COSINE: lambda values: bool(values.any()),
}


def _check_words(words: Mapping[str, float], post: str) -> None:
    if not all(0 < weight < HEAVIEST for weight in words.values()):
        raise PointRefused(f"A word of post {post[:40]!r} has a weight that is not between 0 and {HEAVIEST:.0e}.")


def _flat(value: Any) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case Mapping():
            return all(isinstance(part, int | float) and math.isfinite(part) for part in value.values())
        case None | str() | bool() | int():
            return True
    return False
