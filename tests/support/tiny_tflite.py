"""A network of three layers in a TFLite file, in real or in whole numbers: small enough to be worked out by hand."""

from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tfl

SIDE = 8
CLASSES = 5
TENSORS = ("photos", "pooled", "logits", "probabilities")
# What whole numbers stand for, by tensor: the step, and the number that is 0.
STEPS = {"photos": (1 / 128, 128), "pooled": (1 / 128, 128), "logits": (1 / 32, 100), "probabilities": (1 / 256, 0)}
_WEIGHT_STEP = 1 / 64
DESCRIPTION = """\
name = "tiny"
network = "tiny.tflite"

[input]
height = 8
width = 8
layout = "NHWC"
mean = [128.0, 128.0, 128.0]
scale = [128.0, 128.0, 128.0]

[[outputs]]
words = "classes"
tensor = "logits"
logits = true

[[outputs]]
words = "channels"
tensor = "pooled"
"""


def weights() -> tuple[np.ndarray, np.ndarray]:
    """The weights of the last layer and their bias; both are whole numbers of steps, so nothing is lost."""
    rng = np.random.default_rng(5)
    kernel = rng.integers(-127, 128, (CLASSES, 3)) * _WEIGHT_STEP
    return kernel, rng.integers(-2000, 2000, CLASSES) * _WEIGHT_STEP * STEPS["pooled"][0]


def by_hand(photos: np.ndarray) -> dict[str, np.ndarray]:
    """What the network says of prepared photos (n x 8 x 8 x 3), worked out in numpy."""
    kernel, bias = weights()
    pooled = photos.mean(axis=(1, 2))
    logits = pooled @ kernel.T + bias
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return {"pooled": pooled, "logits": logits, "probabilities": shares / shares.sum(axis=1, keepdims=True)}


def write_network(folder: Path, kind: type = np.uint8, batch: int = 1) -> Path:
    """Write the network: photos -> pooled -> logits -> probabilities, which alone is an output."""
    whole = kind is not np.float32
    zero = -128 if kind is np.int8 else 0  # int8 is uint8 less 128
    kernel, bias = weights()
    data: list[bytes] = [b""]
    tensors = []

    def add(name: str, shape: tuple[int, ...], kind: type, step: float, zero: int, values: np.ndarray | None) -> None:
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), _TYPES[kind]
        if whole:
            tensor.quantization = tfl.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [step], [zero]
        if values is not None:
            data.append((np.rint(values / step) + zero if whole else values).astype(kind).tobytes())
            tensor.buffer = len(data) - 1
        tensors.append(tensor)

    shapes = [(batch, SIDE, SIDE, 3), (batch, 1, 1, 3), (batch, CLASSES), (batch, CLASSES)]
    for name, shape in zip(TENSORS, shapes, strict=True):
        add(name, shape, kind, STEPS[name][0], STEPS[name][1] + zero, None)
    middle = 0 if kind is np.int8 else 128  # the weights of int8 networks have no zero but 0
    add("kernel", kernel.shape, kind, _WEIGHT_STEP, middle, kernel)
    add("bias", bias.shape, np.int32 if whole else kind, _WEIGHT_STEP * STEPS["pooled"][0], 0, bias)

    pool = tfl.Pool2DOptionsT()
    pool.padding, pool.strideH, pool.strideW = tfl.Padding.VALID, 1, 1
    pool.filterHeight = pool.filterWidth = SIDE
    softmax = tfl.SoftmaxOptionsT()
    softmax.beta = 1.0
    layers = [
        (tfl.BuiltinOperator.AVERAGE_POOL_2D, [0], 1, tfl.BuiltinOptions.Pool2DOptions, pool),
        (
            tfl.BuiltinOperator.FULLY_CONNECTED,
            [1, 4, 5],
            2,
            tfl.BuiltinOptions.FullyConnectedOptions,
            tfl.FullyConnectedOptionsT(),
        ),
        (tfl.BuiltinOperator.SOFTMAX, [2], 3, tfl.BuiltinOptions.SoftmaxOptions, softmax),
    ]
    file = folder / "tiny.tflite"
    file.write_bytes(_packed(tensors, data, layers))
    return file


def write_encoder(folder: Path, kind: type = np.uint8) -> Path:
    """Write the network and its description."""
    write_network(folder, kind)
    file = folder / "tiny.toml"
    file.write_text(DESCRIPTION, "utf-8")
    return file


_TYPES: dict[type, int] = {
    np.float32: tfl.TensorType.FLOAT32,
    np.uint8: tfl.TensorType.UINT8,
    np.int8: tfl.TensorType.INT8,
    np.int32: tfl.TensorType.INT32,
}


def _packed(tensors: list, data: list[bytes], layers: list[tuple]) -> bytes:
    model, graph = tfl.ModelT(), tfl.SubGraphT()
    model.version, model.operatorCodes, model.buffers = 3, [], []
    for values in data:
        buffer = tfl.BufferT()
        buffer.data = np.frombuffer(values, np.uint8) if values else None
        model.buffers.append(buffer)
    graph.tensors, graph.inputs, graph.outputs, graph.operators = tensors, [0], [3], []
    for index, (operator, inputs, output, kind, options) in enumerate(layers):
        code = tfl.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = operator
        code.version = 4 if operator == tfl.BuiltinOperator.FULLY_CONNECTED else 2
        model.operatorCodes.append(code)
        layer = tfl.OperatorT()
        layer.opcodeIndex, layer.inputs, layer.outputs = index, inputs, [output]
        layer.builtinOptionsType, layer.builtinOptions = kind, options
        graph.operators.append(layer)
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
