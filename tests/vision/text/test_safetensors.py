"""A file of safetensors is read without trust: names, shapes and places have to fit its numbers."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tiny_text import safetensors
from vision.errors import EncoderError
from vision.text.safetensors import read_safetensors

WHOLE = safetensors({"one": np.arange(6, dtype=np.float32).reshape(2, 3), "ids": np.arange(4)})


def changed(**entry: object) -> bytes:
    """The same file, whose table says something else of its first tensor."""
    length = int.from_bytes(WHOLE[:8], "little")
    table = json.loads(WHOLE[8 : 8 + length])
    table["one"] |= entry
    head = json.dumps(table).encode()
    return len(head).to_bytes(8, "little") + head + WHOLE[8 + length :]


def test_tensors_come_out_as_they_were() -> None:
    """By name, of whole numbers and others."""
    tensors = read_safetensors(WHOLE, "weights")
    assert tensors["one"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert tensors["ids"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is no file of safetensors"),
        (WHOLE[:100], "or not a whole one"),
        (b"\xff" * 40, "or not a whole one"),
        (b"\x02" + bytes(7) + b"[]", "its table is wrong"),
        (changed(dtype="BOOL"), "holds one as BOOL; known are F64, F32"),
        (changed(shape=[2, 4]), r"says that one has the shape \(2, 4\)"),
        (changed(shape=[-2, -3]), "where its numbers do not fit"),
        (changed(data_offsets=[24, 0]), "where its numbers do not fit"),
        (changed(data_offsets=[4000, 4024]), "where its numbers do not fit"),
        (changed(shape="wide"), "its table is wrong"),
    ],
)
def test_what_contradicts_is_refused(data: bytes, says: str) -> None:
    """With the name of the tensor, where it is one."""
    with pytest.raises(EncoderError, match=says):
        read_safetensors(data, "weights")


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_any_damage_is_a_sentence_or_harmless(at: int, byte: int) -> None:
    """One byte is another: tensors come out, or a refusal."""
    try:
        tensors = read_safetensors(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :], "weights")
    except EncoderError:
        return
    assert all(array.nbytes <= len(WHOLE) for array in tensors.values())
