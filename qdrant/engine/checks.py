"""What an engine would take silently and regret later is refused before it."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from qdrant.engine.about import About
from qdrant.errors import PointRefused
from qdrant.points import PhotoPoint
from qdrant.store import Standing

Floats = NDArray[np.float32]

_LARGEST = 2**63 - 1
_LARGEST_HALF = 65_504
MOST_TOPICS = 65_536
HEAVIEST = 1e6


def check(point: PhotoPoint, about: About) -> None:
    """Refuse what an engine would take silently and regret later."""
    if not 1 <= len(point.id) <= 256:
        raise PointRefused(f"The id {point.id[:40]!r} has {len(point.id)} characters: give 1 to 256.")
    if point.version is not None and not 0 <= point.version <= _LARGEST:
        raise PointRefused(f"The version {point.version} of {point.id!r} is out of range: give 0 to 2^63 - 1.")
    for model, theta in point.thetas.items():
        check_theta(theta, model, about.models)
    for model, place in point.aligned.items():
        check_place(place, "aligned", model, about.aligned)
    for encoder, place in point.foreign.items():
        check_place(place, "foreign", encoder, about.foreign)
    if point.features is not None and not (np.abs(point.features) < _LARGEST_HALF).all():
        raise PointRefused(f"The features of post {point.id[:40]!r} are not finite, or too large for 16 bits.")
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


def check_topics(model: str, topics: int, aligned: int = 0) -> None:
    """Refuse a model whose thetas no engine could keep: some would take it and never open again."""
    if not 1 <= topics <= MOST_TOPICS or not 0 <= aligned <= MOST_TOPICS:
        raise PointRefused(
            f"Model {model[:40]!r} has {topics} topics and places of {aligned}: 1 to {MOST_TOPICS} can be stored."
        )


def check_theta(theta: Floats, model: str, models: Mapping[str, int]) -> None:
    """Refuse a theta that is no distribution over its model's topics."""
    if model not in models:
        known = ", ".join(models) or "none"
        raise PointRefused(f"The store has no theta vector of model {model} (it has: {known}): add the model first.")
    if theta.shape != (models[model],):
        raise PointRefused(f"A theta has the shape {theta.shape}; model {model} has {models[model]} topics.")
    if not np.isfinite(theta).all() or (theta < 0).any() or abs(float(theta.sum()) - 1.0) > 1e-3:
        raise PointRefused("A theta must hold finite numbers of 0 or more that sum to 1.")


def check_place(place: Floats, kind: str, owner: str, sizes: Mapping[str, int]) -> None:
    """Refuse a place, aligned or foreign, that has no direction, or another length than its owner's."""
    if owner not in sizes:
        known = ", ".join(sizes) or "none"
        raise PointRefused(f"The store has no {kind} vector of {owner} (it has: {known}): add {owner} first.")
    if place.shape != (sizes[owner],):
        raise PointRefused(f"The {kind} vector has the shape {place.shape}; those of {owner} have {sizes[owner]}.")
    if not np.isfinite(place).all() or not place.any():
        raise PointRefused(f"The {kind} vector of {owner} must hold finite numbers that are not all 0.")


def check_size(encoder: str, size: int) -> None:
    """Refuse a dual encoder whose places no engine could keep."""
    if not 1 <= size <= MOST_TOPICS:
        raise PointRefused(f"The dual encoder {encoder[:60]!r} has places of {size}: 1 to {MOST_TOPICS} can be stored.")


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
