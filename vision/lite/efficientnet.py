"""EfficientNet-Lite as an ONNX graph, from the weights that PyTorch saved of it.

The network is the paper's: seven stages of blocks that widen, look around and narrow again, no squeezing, ReLU6.
Lite1 and Lite2 are deeper or wider than Lite0 by two numbers. What normalises a batch goes into the layer before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Float32
from vision.errors import EncoderError
from vision.lite.state_dict import StateDict
from vision.networks.onnx_graph import OnnxGraph

MAP, POOLED, LOGITS = "map", "gap", "logits"
_STEM, _HEAD = 32, 1280
_EPSILON: Final = 1e-3


class _Stage(NamedTuple):
    """Blocks of one kind: how many, how far they look, the stride of the first, how much they widen, what they give."""

    blocks: int
    kernel: int
    stride: int
    widening: int
    channels: int


_STAGES: Final = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True, slots=True)
class Lite:
    """One of the family: how wide and deep it is, the side of its photos, and how many classes it tells."""

    width: float
    depth: float
    side: int
    classes: int = 1000
    stem: int = _STEM
    head: int = _HEAD

    def channels(self, of_lite0: int) -> int:
        """So many channels as Lite0 has, widened, to the next eight."""
        wide = of_lite0 * self.width
        near = max(8, int(wide + 4) // 8 * 8)
        return near if near >= 0.9 * wide else near + 8

    def blocks(self) -> Iterator[tuple[_Stage, int]]:
        """Every block with its stride; the first and the last stage stay as long as they are."""
        for number, stage in enumerate(_STAGES):
            inner = 0 < number < len(_STAGES) - 1
            for block in range(ceil(stage.blocks * self.depth) if inner else stage.blocks):
                yield stage, stage.stride if block == 0 else 1


LITES: Final = {
    "efficientnet-lite0": Lite(1.0, 1.0, 224),
    "efficientnet-lite1": Lite(1.0, 1.1, 240),
    "efficientnet-lite2": Lite(1.1, 1.2, 260),
}


def lite_onnx(name: str, lite: Lite, weights: StateDict) -> bytes:
    """Write the network as an ONNX file: photos in; the last map, its mean over all places, and classes out."""
    return _Builder(name, lite, dict(weights)).build()


class _Builder:
    """Goes through the layers, and takes the weights of each out of what was saved."""

    def __init__(self, name: str, lite: Lite, weights: StateDict) -> None:
        self._name, self._lite, self._weights = name, lite, weights
        self._graph = OnnxGraph(name)
        self._side = lite.side
        self._channels = 3

    def build(self) -> bytes:
        """Stem, blocks, head."""
        graph, lite = self._graph, self._lite
        self._low = graph.holds("low", np.array(0, np.float32))
        self._high = graph.holds("high", np.array(6, np.float32))
        last = graph.takes("photos", ("n", 3, lite.side, lite.side))
        last = self._relu(self._conv("stem", last, "_conv_stem", "_bn0", lite.stem, kernel=3, stride=2))
        for number, (stage, stride) in enumerate(lite.blocks()):
            last = self._block(number, last, stage, stride)
        last = self._conv("head", last, "_conv_head", "_bn1", lite.head)
        graph.node("Clip", MAP, (last, self._low, self._high))
        graph.node("GlobalAveragePool", "pooled", (MAP,))
        graph.node("Flatten", POOLED, ("pooled",), axis=1)
        matrix = graph.holds("classes.weight", self._take("_fc.weight", lite.classes, lite.head))
        bias = graph.holds("classes.bias", self._take("_fc.bias", lite.classes))
        graph.node("Gemm", LOGITS, (POOLED, matrix, bias), transB=1)
        left = [name for name in self._weights if not name.endswith(".num_batches_tracked")]
        if left:
            raise EncoderError(
                f"The weights hold {len(left)} tensors that {self._name} has not, such as {left[0][:80]}."
            )
        graph.gives(POOLED, ("n", lite.head))
        graph.gives(LOGITS, ("n", lite.classes))
        graph.gives(MAP, ("n", lite.head, self._side, self._side))
        return graph.to_bytes()

    def _block(self, number: int, last: str, stage: _Stage, stride: int) -> str:
        """Widen, look around each channel by itself, narrow; what came in is added where it has the same shape."""
        given, entered = last, self._channels
        name, saved = f"block{number}", f"_blocks.{number}."
        wide = entered * stage.widening
        if stage.widening > 1:
            last = self._relu(self._conv(f"{name}.wide", last, f"{saved}_expand_conv", f"{saved}_bn0", wide))
        around = self._conv(
            f"{name}.around", last, f"{saved}_depthwise_conv", f"{saved}_bn1", wide, stage.kernel, stride, groups=wide
        )
        narrow = self._lite.channels(stage.channels)
        last = self._conv(f"{name}.narrow", self._relu(around), f"{saved}_project_conv", f"{saved}_bn2", narrow)
        if stride == 1 and entered == narrow:
            last = self._graph.node("Add", f"{name}.sum", (last, given))
        return last

    def _conv(
        self,
        name: str,
        last: str,
        conv: str,
        norm: str,
        channels: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
    ) -> str:
        """A convolution with the normalisation behind it, padded as TensorFlow does: the odd pixel comes last."""
        weight = self._take(f"{conv}.weight", channels, self._channels // groups, kernel, kernel).astype(np.float64)
        scale, offset, mean, variance = (
            self._take(f"{norm}.{part}", channels).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        if (variance < 0).any():
            raise EncoderError(f"The weights {norm}.running_var hold a variance below 0: the file is damaged.")
        factor = scale / np.sqrt(variance + _EPSILON)
        folded = (weight * factor[:, None, None, None]).astype(np.float32)
        side = ceil(self._side / stride)
        padding = max(0, (side - 1) * stride + kernel - self._side)
        before, after = padding // 2, padding - padding // 2
        self._side, self._channels = side, channels
        inputs = (
            last,
            self._graph.holds(f"{name}.weight", folded),
            self._graph.holds(f"{name}.bias", (offset - mean * factor).astype(np.float32)),
        )
        return self._graph.node(
            "Conv",
            name,
            inputs,
            kernel_shape=(kernel, kernel),
            strides=(stride, stride),
            pads=(before, before, after, after),
            group=groups,
        )

    def _relu(self, last: str) -> str:
        return self._graph.node("Clip", f"{last}.relu", (last, self._low, self._high))

    def _take(self, name: str, *shape: int) -> Float32:
        """The weights of that name, once it is sure that they have the shape of this network."""
        tensor = self._weights.pop(name, None)
        if tensor is None:
            raise EncoderError(f"The weights hold no {name}, which {self._name} has: they are of another network.")
        if tensor.shape != shape:
            raise EncoderError(
                f"The weights {name} have the shape {tensor.shape}, {self._name} has {shape}: "
                "they are of another network."
            )
        given = tensor.astype(np.float32)
        if not np.isfinite(given).all():
            raise EncoderError(f"The weights {name} hold NaN or infinity: the file is damaged.")
        return given
