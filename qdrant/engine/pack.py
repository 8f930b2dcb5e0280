"""Packing: a point as engines write it, its vectors by name beside its payload."""

import orjson

from qdrant.engine.protocol import Packed, Vector
from qdrant.engine.write_plan import Write, payload_of
from qdrant.points import WORDS, aligned_name, foreign_name, point_id, theta_name, told_apart


def pack(write: Write) -> Packed:
    """Name each vector, and pack the fields."""
    point = write.point
    vectors: dict[str, Vector] = {theta_name(model): theta for model, theta in point.thetas.items()}
    vectors |= {aligned_name(model): place for model, place in point.aligned.items()}
    vectors |= {foreign_name(encoder): place for encoder, place in point.foreign.items()}
    if point.words:
        vectors[WORDS] = told_apart(point.words, point.id)
    return Packed(point_id(point.id), vectors, payload_of(write))


def room(point: Packed) -> int:
    """Guess the bytes that a point takes: in the journal, in the payload and in the indexes."""
    return 4 * (2000 + len(orjson.dumps(point.payload)))
