"""Protobuf, as much of it as an ONNX file needs: fields with bytes and numbers, read and written."""

from collections.abc import Iterator
from struct import pack
from typing import Final

VARINT: Final = 0
FIXED_64: Final = 1
BYTES: Final = 2
FIXED_32: Final = 5


def fields(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The fields of a message that have that number and hold bytes; what is no message is a ValueError."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        if key & 7 == BYTES:
            length, at = _read_varint(message, at)
            if key >> 3 == wanted:
                yield message[at : at + length]
            at += length
        elif key & 7 == VARINT:
            _, at = _read_varint(message, at)
        elif key & 7 in (FIXED_64, FIXED_32):
            at += 8 if key & 7 == FIXED_64 else 4
        else:
            raise ValueError("it is no ONNX file")


def data_field(number: int, data: bytes) -> bytes:
    """Write a field that holds bytes: a text, or a message of its own."""
    return _varint(number << 3 | BYTES) + _varint(len(data)) + data


def number_field(number: int, value: int) -> bytes:
    """Write a field that holds a whole number from 0 on."""
    return _varint(number << 3 | VARINT) + _varint(value)


def float_field(number: int, value: float) -> bytes:
    """Write a field that holds a number in single precision."""
    return _varint(number << 3 | FIXED_32) + pack("<f", value)


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


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
