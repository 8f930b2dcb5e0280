"""A network of three layers in an ONNX file: small enough to be worked out by hand, with all that a real one has."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
CLASSES = 5
DESCRIPTION = """\
name = "tiny"
network = "tiny.onnx"

[input]
height = 16
width = 16
layout = "{layout}"
mean = [128.0, 128.0, 128.0]
scale = [64.0, 64.0, 64.0]
"""
OUTPUTS = {
    "classes": '[[outputs]]\nwords = "classes"\ntensor = "probabilities"\nprefix = "class"\n',
    "logits": '[[outputs]]\nwords = "classes"\ntensor = "logits"\nprefix = "logit"\nlogits = true\n',
    "channels": '[[outputs]]\nwords = "channels"\ntensor = "pooled"\nprefix = "channel"\n',
    "codebook": '[[outputs]]\nwords = "codebook"\ntensor = "map"\nprefix = "book"\nsize = 12\ncomponents = 4\n',
}


def weights(seed: int = 5) -> dict[str, np.ndarray]:
    """The weights of the network."""
    rng = np.random.default_rng(seed)
    return {
        "kernel": rng.standard_normal((8, 3, 3, 3)).astype(np.float32) / 3,
        "bias": rng.standard_normal(8).astype(np.float32) / 3,
        "head": rng.standard_normal((8, CLASSES)).astype(np.float32),
    }


def write_network(
    folder: Path, layout: str = "NCHW", batch: int | str = "n", seed: int = 5, kind: int = TensorProto.FLOAT
) -> Path:
    """Write the network: photos -> map -> pooled -> logits -> probabilities, which alone is an output."""
    shape = [batch, 3, SIDE, SIDE] if layout == "NCHW" else [batch, SIDE, SIDE, 3]
    first = [helper.make_node("Cast", ["photos"], ["cast"], to=TensorProto.FLOAT)]
    if layout == "NHWC":
        first.append(helper.make_node("Transpose", ["cast"], ["turned"], perm=[0, 3, 1, 2]))
    last = [] if layout == "NCHW" else [helper.make_node("Transpose", ["map_first"], ["map"], perm=[0, 2, 3, 1])]
    conv_in, relu_out = ("cast", "map") if layout == "NCHW" else ("turned", "map_first")
    nodes = [
        *first,
        helper.make_node("Conv", [conv_in, "kernel", "bias"], ["sums"], kernel_shape=[3, 3], strides=[2, 2]),
        helper.make_node("Relu", ["sums"], [relu_out]),
        *last,
        helper.make_node("GlobalAveragePool", [relu_out], ["means"]),
        helper.make_node("Flatten", ["means"], ["pooled"]),
        helper.make_node("MatMul", ["pooled", "head"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("photos", kind, shape)],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [batch, CLASSES])],
        [numpy_helper.from_array(array, key) for key, array in weights(seed).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file = folder / "tiny.onnx"
    file.write_bytes(model.SerializeToString())
    return file


def write_encoder(folder: Path, *kinds: str, layout: str = "NCHW", more: str = "") -> Path:
    """Write the network and its description with outputs of those kinds; `more` goes before [input]."""
    write_network(folder, layout)
    head, _, tail = DESCRIPTION.format(layout=layout).partition("\n[input]")
    file = folder / "tiny.toml"
    file.write_text(head + more + "\n[input]" + tail + "\n" + "\n".join(OUTPUTS[kind] for kind in kinds), "utf-8")
    return file


def by_hand(photos: np.ndarray) -> dict[str, np.ndarray]:
    """What the network says of prepared photos (n x 3 x 16 x 16), worked out in numpy."""
    known = weights()
    windows = np.lib.stride_tricks.sliding_window_view(photos, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    sums = np.einsum("nchwij,kcij->nkhw", windows, known["kernel"]) + known["bias"][:, None, None]
    maps = np.maximum(sums, 0)
    pooled = maps.mean(axis=(2, 3))
    logits = pooled @ known["head"]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return {"map": maps, "pooled": pooled, "logits": logits, "probabilities": shares / shares.sum(1, keepdims=True)}


def photos(count: int, seed: int = 0) -> list[np.ndarray]:
    """Photos of a few plain patches each, of different sizes and proportions."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        coarse = rng.integers(0, 256, (3, 4, 3)).astype(np.uint8)
        made.append(coarse.repeat(rng.integers(6, 14), axis=0).repeat(rng.integers(6, 14), axis=1))
    return made
