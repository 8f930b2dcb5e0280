"""Packing: a point as engines write it, its vectors by name beside its payload."""

import orjson

from qdrant.engine.protocol import Packed, Vector
from qdrant.engine.write_plan import Write, payload_of
from qdrant.points import WORDS, point_id, tie_break


def pack(write: Write) -> Packed:
    """Name each vector, and pack the fields."""
    point = write.point
    vectors: dict[str, Vector] = {vector.name: values for vector, values in point.vectors.items()}
    if point.words:
        vectors[WORDS] = tie_break(point.words, point.id)
    return Packed(point_id(point.id), vectors, payload_of(write))


def room(point: Packed) -> int:
    """Guess the bytes that a point takes: in the journal, in the payload and in the indexes."""
    return 4 * (2000 + len(orjson.dumps(point.payload)))
