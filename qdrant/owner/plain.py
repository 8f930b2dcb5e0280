"""Filters, arms and points as plain values, and back: what a message is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np

from qdrant.engine.codec import plain_vector
from qdrant.engine.protocol import KEY, Arm, ArmKeys
from qdrant.filters import All, AnyOf, Contains, Filter, Given, Has, Near, Not, Posts, Range, Some
from qdrant.outline import Outlines, OwnWords
from qdrant.points import StoredPoint

_FILTERS: Final[Mapping[str, type]] = {
    kind.__name__: kind for kind in (AnyOf, Range, Near, Contains, Given, Posts, Has, All, Some, Not)
}


def plain_filter(wanted: Filter | None) -> Any:
    """A filter as its name and its fields."""
    if wanted is None:
        return None
    return [type(wanted).__name__, *(_plain(getattr(wanted, field.name)) for field in fields(wanted))]


def filter_from(plain: Any) -> Any:
    """The filter that it was."""
    if plain is None:
        return None
    kind = _FILTERS[plain[0]]
    if kind in (All, Some):
        return kind(tuple(map(filter_from, plain[1])))
    if kind is Not:
        return Not(filter_from(plain[1]))
    return kind(*(frozenset(part) if isinstance(part, list) else part for part in plain[1:]))


def plain_arm(arm: Arm) -> Any:
    """An arm, its filter plain."""
    return [*arm._replace(query=plain_vector(arm.query), filter=None), plain_filter(arm.filter)]


def arm_from(plain: Any) -> Arm:
    """The arm that it was."""
    *rest, wanted = plain
    return Arm(*rest)._replace(filter=filter_from(wanted))


def plain_arm_keys(ranking: ArmKeys) -> Any:
    """Points that answer an arm, as three columns."""
    return ranking.keys.tobytes(), ranking.scores, ranking.versions


def arm_keys_from(plain: Any) -> ArmKeys:
    """The points that they were."""
    keys, scores, versions = plain
    return ArmKeys(np.frombuffer(keys, KEY), scores, versions)


def plain_stored(points: Iterable[StoredPoint]) -> Any:
    """Points as the store gives them back; the model stands once for all."""
    return [(point.payload, point.vectors) for point in points]


def stored_from(plain: Any, model: str | None) -> list[StoredPoint]:
    """The points that they were."""
    return [StoredPoint(payload, vectors, model) for payload, vectors in plain]


def plain_outlines(outlines: Outlines) -> Any:
    """Outlines as their arrays; the model stands once for all."""
    words, vectors = outlines.words, outlines.vectors
    flat = {name: (matrix.shape[1], matrix.ravel()) for name, matrix in vectors.items()}
    return outlines.ids, words.keys, words.counts, words.ends, flat


def outlines_from(plain: Any, model: str | None) -> Outlines:
    """The outlines that they were."""
    ids, keys, counts, ends, flat = plain
    vectors = {name: values.reshape(-1, size) for name, (size, values) in flat.items()}
    return Outlines(ids, OwnWords(keys, counts, ends), vectors, model)


def _plain(part: Any) -> Any:
    if isinstance(part, frozenset):
        return sorted(part)
    if isinstance(part, tuple):
        return [plain_filter(one) for one in part]
    return plain_filter(part) if type(part) in _FILTERS.values() else part
