"""Writing a network as an ONNX file: layers one after the other, each a node of the graph with its weights."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from common.arrays import Float32
from vision.networks.protobuf import data_field, number_field

_IR, _OPSET = 8, 13  # any engine of the last years reads these
_FLOAT: Final = 1
_INT, _INTS = 2, 7  # kinds of attributes
Shape = Sequence[int | str]
Attributes = Mapping[str, int | Sequence[int]]


class OnnxGraph:
    """A graph that grows node by node; each node gives one tensor, named as the node."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def takes(self, tensor: str, shape: Shape) -> str:
        """Add an input; a name in its shape stands for any number."""
        self._inputs.append(_value(tensor, shape))
        return tensor

    def holds(self, tensor: str, values: Float32) -> str:
        """Add weights."""
        dims = b"".join(number_field(1, side) for side in values.shape)
        raw = np.ascontiguousarray(values, "<f4").tobytes()
        self._weights.append(dims + number_field(2, _FLOAT) + data_field(8, tensor.encode()) + data_field(9, raw))
        return tensor

    def node(self, kind: str, tensor: str, inputs: Sequence[str], **attributes: int | Sequence[int]) -> str:
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
        opset = data_field(1, b"") + number_field(2, _OPSET)
        return number_field(1, _IR) + data_field(2, b"photosense") + data_field(7, graph) + data_field(8, opset)


def _value(name: str, shape: Shape) -> bytes:
    dims = (data_field(2, side.encode()) if isinstance(side, str) else number_field(1, side) for side in shape)
    sides = b"".join(data_field(1, dim) for dim in dims)
    tensor = number_field(1, _FLOAT) + data_field(2, sides)
    return data_field(1, name.encode()) + data_field(2, data_field(1, tensor))


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    named = data_field(1, name.encode())
    if isinstance(value, int):
        return named + number_field(3, value) + number_field(20, _INT)
    return named + b"".join(number_field(8, part) for part in value) + number_field(20, _INTS)
