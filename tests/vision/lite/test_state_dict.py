"""Weights that PyTorch saved are read without it: two formats, nothing is run, whatever does not fit is a sentence."""

import random

import numpy as np
import pytest

from tests.support.tiny_lite import saved, tensor, text
from vision.errors import EncoderError
from vision.lite.state_dict import read_state_dict

WEIGHTS = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "bias": np.array([1.5, -2], np.float32),
    "steps": np.array(9),
}
FORMATS = pytest.mark.parametrize("zipped", [False, True], ids=["plain", "zip"])


@FORMATS
def test_tensors_come_out_as_they_were_saved(zipped: bool) -> None:
    """Values, shapes and types, also of those whose numbers lie in another order."""
    read = read_state_dict(saved(WEIGHTS, zipped=zipped), "weights")
    assert list(read) == list(WEIGHTS)
    for name, tensor_ in WEIGHTS.items():
        assert read[name].dtype == tensor_.dtype
        assert np.array_equal(read[name], tensor_)


@FORMATS
@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (b"cos\nsystem\n", "it asks for os.system, which no weights need"),
        (b"cbuiltins\neval\n" + text("1") + b"\x85R", "it asks for builtins.eval"),
        (b"ctorch\nBFloat16Storage\n", "it asks for torch.BFloat16Storage"),
        (text("os") + text("system") + b"\x93", "it asks for the step STACK_GLOBAL"),
        (b"(lp0\n", "it asks for the step LIST"),
        (b"ccollections\nOrderedDict\n(K\x01tR", "it calls what no weights call"),
        (b"0", "it asks for the step POP"),
    ],
)
def test_what_weights_do_not_need_is_refused(zipped: bool, steps: bytes, says: str) -> None:
    """Another global, another step, another call: nothing of it is carried out."""
    with pytest.raises(EncoderError, match=rf"^weights holds no weights that can be read: {says}"):
        read_state_dict(saved(WEIGHTS, zipped=zipped, more=steps), "weights")


@pytest.mark.parametrize(
    ("sides", "strides", "says"),
    [
        ((3, 2), [2, 1], r"a tensor of the shape \(3, 2\) reaches beyond its 4 numbers"),
        ((2, 2), [100, 1], "reaches beyond its 4 numbers"),
        ((1000, 1000), [0, 0], "reaches beyond its 4 numbers"),
        ((2, 2), [-2, 1], "a tensor of it has no shape"),
        ((2, 2), [1], "a tensor of it has no numbers"),
    ],
)
def test_a_tensor_stays_within_its_numbers(sides: tuple[int, ...], strides: list[int], says: str) -> None:
    """Neither beyond their end nor many times over them."""
    added = b"(" + text("more") + tensor("9", np.dtype(np.float32), 4, sides, strides) + b"u"
    with pytest.raises(EncoderError, match=says):
        read_state_dict(saved(WEIGHTS, more=added), "weights")


@FORMATS
def test_a_file_that_is_cut_off_or_changed_is_a_sentence(zipped: bool) -> None:
    """At every length, and with any byte changed: it is read, or refused in words; nothing else happens."""
    whole = saved(WEIGHTS, zipped=zipped)
    for length in range(0, len(whole), 7):
        with pytest.raises(EncoderError, match=r"^weights holds no weights"):
            read_state_dict(whole[:length], "weights")
    rng = random.Random(1)
    refused = 0
    for _ in range(400):
        changed = bytearray(whole)
        changed[rng.randrange(len(whole))] = rng.randrange(256)
        try:
            read_state_dict(bytes(changed), "weights")
        except EncoderError:
            refused += 1
    assert refused > 200


def test_more_than_a_dictionary_of_tensors_is_refused() -> None:
    """What lies around it, as in a checkpoint, is named."""
    with pytest.raises(EncoderError, match="'epoch' is no tensor in it; a state_dict alone is read"):
        read_state_dict(saved(WEIGHTS, more=b"(" + text("epoch") + b"K\x07u"), "weights")
