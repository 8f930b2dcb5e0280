"""Writing a network as an ONNX file: layers one after the other, each a node of the graph with its weights."""

from collections.abc import Sequence

import numpy as np

from common.arrays import Float32, Int64
from vision.networks.protobuf import data_field, float_field, number_field

_IR, _OPSET = 8, 13  # any engine of the last years reads these
_FLOAT, _WHOLE = 1, 7  # kinds of numbers in a tensor
_REAL, _INT, _INTS = 1, 2, 7  # kinds of attributes
Shape = Sequence[int | str]
Attribute = float | int | Sequence[int]


class OnnxGraph:
    """A graph that grows node by node; each node gives one tensor, named as the node."""

    def __init__(self, name: str, opset: int = _OPSET) -> None:
        self._name, self._opset = name, opset
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def takes(self, tensor: str, shape: Shape, *, whole: bool = False) -> str:
        """Add an input, of whole numbers or others; a name in its shape stands for any number."""
        self._inputs.append(_value(tensor, shape, _WHOLE if whole else _FLOAT))
        return tensor

    def holds(self, tensor: str, values: Float32 | Int64) -> str:
        """Add weights, or whole numbers."""
        dims = b"".join(number_field(1, side) for side in values.shape)
        whole = values.dtype.kind == "i"
        raw = np.ascontiguousarray(values, "<i8" if whole else "<f4").tobytes()
        kind = number_field(2, _WHOLE if whole else _FLOAT)
        self._weights.append(dims + kind + data_field(8, tensor.encode()) + data_field(9, raw))
        return tensor

    def node(self, kind: str, tensor: str, inputs: Sequence[str], **attributes: Attribute) -> str:
        """Add a node of an operator of ONNX, which gives that tensor."""
        parts = [
            *(data_field(1, name.encode()) for name in inputs),
            data_field(2, tensor.encode()),
            data_field(3, tensor.encode()),
            data_field(4, kind.encode()),
            *(data_field(5, _attribute(name, value)) for name, value in attributes.items()),
        ]
        self._nodes.append(b"".join(parts))
        return tensor

    def gives(self, tensor: str, shape: Shape) -> None:
        """Make a tensor an output."""
        self._outputs.append(_value(tensor, shape))

    def to_bytes(self) -> bytes:
        """The file."""
        parts = ((1, self._nodes), (5, self._weights), (11, self._inputs), (12, self._outputs))
        graph = data_field(2, self._name.encode())
        graph += b"".join(data_field(number, part) for number, of_number in parts for part in of_number)
        opset = data_field(1, b"") + number_field(2, self._opset)
        return number_field(1, _IR) + data_field(2, b"photosense") + data_field(7, graph) + data_field(8, opset)


def _value(name: str, shape: Shape, kind: int = _FLOAT) -> bytes:
    dims = (data_field(2, side.encode()) if isinstance(side, str) else number_field(1, side) for side in shape)
    sides = b"".join(data_field(1, dim) for dim in dims)
    tensor = number_field(1, kind) + data_field(2, sides)
    return data_field(1, name.encode()) + data_field(2, data_field(1, tensor))


def _attribute(name: str, value: Attribute) -> bytes:
    named = data_field(1, name.encode())
    if isinstance(value, float):
        return named + float_field(2, value) + number_field(20, _REAL)
    if isinstance(value, int):
        return named + number_field(3, value) + number_field(20, _INT)
    return named + b"".join(number_field(8, part) for part in value) + number_field(20, _INTS)
