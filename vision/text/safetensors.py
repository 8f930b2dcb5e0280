"""Reading weights in the format safetensors: a table of names, shapes and places, and the numbers behind it."""

from math import prod
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from vision.errors import EncoderError

Tensors = dict[str, npt.NDArray[Any]]
_TYPES: Final = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}
_LENGTH: Final = 8  # bytes that say how long the table is
_LONGEST: Final = 10_000_000


class _Entry(Struct, frozen=True):
    kind: str = field(name="dtype")
    shape: tuple[int, ...]
    ends: tuple[int, int] = field(name="data_offsets")


def read_safetensors(data: bytes, origin: str) -> Tensors:
    """Read every tensor; a file that is none, or whose table and numbers contradict, is refused."""
    length = int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or length > min(_LONGEST, len(data) - _LENGTH):
        raise EncoderError(f"{origin} is no file of safetensors, or not a whole one.")
    try:
        table = msgspec.json.decode(data[_LENGTH : _LENGTH + length], type=dict[str, Any])
        entries = {name: msgspec.convert(entry, _Entry) for name, entry in table.items() if name != "__metadata__"}
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise EncoderError(f"{origin} is no file of safetensors: its table is wrong: {error}.") from None
    numbers = memoryview(data)[_LENGTH + length :]
    return {name: _tensor(name, entry, numbers, origin) for name, entry in entries.items()}


def _tensor(name: str, entry: _Entry, numbers: memoryview, origin: str) -> npt.NDArray[Any]:
    kind = _TYPES.get(entry.kind)
    if kind is None:
        raise EncoderError(f"{origin} holds {name[:80]} as {entry.kind[:20]}; known are {', '.join(_TYPES)}.")
    first, end = entry.ends
    size = prod(entry.shape) * np.dtype(kind).itemsize
    if min(entry.shape, default=0) < 0 or not 0 <= first <= end <= len(numbers) or end - first != size:
        raise EncoderError(f"{origin} says that {name[:80]} has the shape {entry.shape} where its numbers do not fit.")
    return np.frombuffer(numbers[first:end], kind).reshape(entry.shape)
