"""Values as bytes, for a ledger and for a socket: plain values as msgpack, arrays of numbers as they lie in memory."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np

from qdrant.engine.protocol import Change, Packed, Vector
from qdrant.points import sparse

_ARRAYS: Final[Mapping[int, type[np.generic]]] = {1: np.float32, 2: np.float64, 3: np.int64, 4: np.uint64}
_CODES: Final = {np.dtype(kind): code for code, kind in _ARRAYS.items()}


def to_bytes(value: Any) -> bytes:
    """Pack a value; keys of points become their sixteen bytes."""
    return _encoder.encode(value)


def from_bytes(data: bytes | bytearray | memoryview) -> Any:
    """Unpack it again; a ValueError where it is none."""
    return _decoder.decode(data)


def plain_vector(vector: Vector) -> Any:
    """A vector as engines take it: words are numbered, for they may hold what is no text."""
    return sparse(vector) if isinstance(vector, Mapping) else vector


def plain_vectors(values: Mapping[UUID, Vector]) -> list[Any]:
    """One vector of each of several points."""
    return [(key, plain_vector(value)) for key, value in values.items()]


def plain_points(points: Iterable[Packed]) -> list[Any]:
    """Points as they are packed."""
    return [
        (point.key, {name: plain_vector(own) for name, own in point.vectors.items()}, point.payload) for point in points
    ]


def points_from(plain: Iterable[Any]) -> list[Packed]:
    """Points as they were, their words numbered."""
    return [Packed(UUID(bytes=key), vectors, payload) for key, vectors, payload in plain]


def plain_changes(changes: Iterable[Change]) -> list[Any]:
    """Changes of points as they are packed."""
    return [(key, payload, None if words is None else plain_vector(words)) for key, payload, words in changes]


def changes_from(plain: Iterable[Any]) -> list[Change]:
    """Changes as they were, their words numbered."""
    return [Change(UUID(bytes=key), payload, words) for key, payload, words in plain]


def keys_from(plain: Iterable[bytes]) -> list[UUID]:
    """Keys as they were."""
    return [UUID(bytes=key) for key in plain]


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return msgspec.msgpack.Ext(_CODES[value.dtype], np.ascontiguousarray(value).tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is none of the values that are packed.")


def _unpacked(code: int, data: memoryview) -> Any:
    return np.frombuffer(data, _ARRAYS[code])


_encoder: Final = msgspec.msgpack.Encoder(enc_hook=_packed, uuid_format="bytes")
_decoder: Final = msgspec.msgpack.Decoder(ext_hook=_unpacked)
