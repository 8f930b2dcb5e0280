"""Asking an ONNX file for a tensor inside of it: the bytes of the file, with one more output.

An ONNX file is one protobuf message, and messages that are put end to end are merged when they are read: a graph with
nothing but a name among its outputs, put behind the file, adds that output.
"""

from collections.abc import Iterable, Iterator
from typing import Final

_GRAPH_OF_MODEL: Final = 7
_OUTPUT_OF_GRAPH: Final = 12
_NAME_OF_VALUE: Final = 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5  # how protobuf writes a field


def with_outputs(model: bytes, tensors: Iterable[str]) -> bytes:
    """Add those tensors to the outputs of a model that are not among them."""
    known = set(output_names(model))
    names = [name for name in tensors if name not in known]
    outputs = b"".join(_field(_OUTPUT_OF_GRAPH, _field(_NAME_OF_VALUE, name.encode())) for name in names)
    return model + _field(_GRAPH_OF_MODEL, outputs) if outputs else model


def output_names(model: bytes) -> Iterator[str]:
    """Name the outputs of a model; bytes that are no message are a ValueError."""
    for graph in _fields(memoryview(model), _GRAPH_OF_MODEL):
        for value in _fields(graph, _OUTPUT_OF_GRAPH):
            yield from (bytes(name).decode() for name in _fields(value, _NAME_OF_VALUE))


def _fields(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The fields of a message that have that number and hold bytes."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        if key & 7 == _BYTES:
            length, at = _read_varint(message, at)
            if key >> 3 == wanted:
                yield message[at : at + length]
            at += length
        elif key & 7 == _VARINT:
            _, at = _read_varint(message, at)
        elif key & 7 in (_FIXED_64, _FIXED_32):
            at += 8 if key & 7 == _FIXED_64 else 4
        else:
            raise ValueError("it is no ONNX file")


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("it is no whole ONNX file")


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
