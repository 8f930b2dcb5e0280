"""EfficientNet-Lite as an ONNX file says what its weights say, layer by layer."""

import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from tests.support.tiny_lite import TINY, saved, tiny_weights, worked_out
from vision.decoding.decode import decode
from vision.errors import EncoderError
from vision.lite.efficientnet import LITES, lite_onnx
from vision.lite.state_dict import read_state_dict
from vision.networks.network import prepare_batch
from vision.networks.spec import Input

OUTPUTS = ("map", "gap", "logits")


def run(network: bytes, photos: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    return dict(zip(OUTPUTS, session.run(OUTPUTS, {session.get_inputs()[0].name: photos}), strict=True))


def test_the_graph_says_what_the_weights_say() -> None:
    """Against numpy, from the saved file to every output; the side is one that strides do not divide."""
    weights = tiny_weights()
    network = lite_onnx("tiny", TINY, read_state_dict(saved(weights), "weights"))
    onnx.checker.check_model(onnx.load_from_string(network), full_check=True)
    photos = np.random.default_rng(0).uniform(-1, 1, (3, 3, TINY.side, TINY.side)).astype(np.float32)
    outputs, expected = run(network, photos), worked_out(photos, weights)
    for name in OUTPUTS:
        assert outputs[name].shape == expected[name].shape
        assert np.abs(outputs[name] - expected[name]).max() < 1e-4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"_fc.weight": np.zeros((7, 25), np.float32)}, r"_fc.weight have the shape \(7, 25\), tiny has \(7, 24\)"),
        ({"_conv_head.weight": None}, "hold no _conv_head.weight, which tiny has: they are of another network"),
        ({"_se.weight": np.zeros(3, np.float32)}, "hold 1 tensors that tiny has not, such as _se.weight"),
        ({"_fc.bias": np.full(7, np.nan, np.float32)}, "_fc.bias hold NaN or infinity"),
        ({"_bn0.running_var": np.full(8, -1, np.float32)}, "_bn0.running_var hold a variance below 0"),
    ],
)
def test_weights_of_another_network_are_refused(change: dict[str, np.ndarray | None], says: str) -> None:
    """Missing, strange, of another shape or no numbers: the name of the tensor is said."""
    weights = {name: array for name, array in {**tiny_weights(), **change}.items() if array is not None}
    with pytest.raises(EncoderError, match=says):
        lite_onnx("tiny", TINY, weights)


@pytest.mark.real
@pytest.mark.skipif("PHOTOSENSE_REAL_DATA" not in os.environ, reason="PHOTOSENSE_REAL_DATA names no real data")
def test_the_real_network_is_made_as_its_judge() -> None:
    """From the judge's weights, saved as PyTorch would, the network at its full size says the same of photos."""
    data = Path(os.environ["PHOTOSENSE_REAL_DATA"])
    judge = (data / "networks" / "efficientnet_lite2.onnx").read_bytes()
    lite = LITES["efficientnet-lite2"]
    network = lite_onnx("lite2", lite, read_state_dict(saved(unfolded(judge)), "weights"))
    names = sorted((data / "flickr8k" / "photos").iterdir())[:4]
    photos = [decode(name.read_bytes()) for name in names]
    given = Input(height=lite.side, width=lite.side, mean=(127.0,) * 3, scale=(128.0,) * 3)
    batch = prepare_batch(photos, given)
    outputs, expected = run(network, batch), run(judge, batch)
    assert max(np.abs(outputs[name] - expected[name]).max() for name in OUTPUTS) < 1e-4
    assert expected["gap"].max() > 1


def unfolded(judge: bytes) -> dict[str, np.ndarray]:
    """The weights of the judge, whose normalisation is folded in, as those of a network that does nothing there."""
    known = {entry.name: onnx.numpy_helper.to_array(entry) for entry in onnx.load_from_string(judge).graph.initializer}
    weights = {"_fc.weight": known["fc.w"], "_fc.bias": known["fc.b"]}

    def layer(conv: str, norm: str, name: str) -> None:
        count = len(known[f"{name}.b"])
        weights[f"{conv}.weight"], weights[f"{norm}.bias"] = known[f"{name}.w"], known[f"{name}.b"]
        weights[f"{norm}.weight"] = np.ones(count, np.float32)
        weights[f"{norm}.running_mean"] = np.zeros(count, np.float32)
        weights[f"{norm}.running_var"] = np.full(count, 1 - 1e-3, np.float32)

    layer("_conv_stem", "_bn0", "stem")
    layer("_conv_head", "_bn1", "head")
    for number in range(21):
        name = f"_blocks.{number}."
        if number:
            layer(f"{name}_expand_conv", f"{name}_bn0", f"b{number}e")
        layer(f"{name}_depthwise_conv", f"{name}_bn1", f"b{number}d")
        layer(f"{name}_project_conv", f"{name}_bn2", f"b{number}p")
    return weights
