"""Asking an ONNX file for a tensor inside of it: the bytes of the file, with one more output.

An ONNX file is one protobuf message, and messages that are put end to end are merged when they are read: a graph with
nothing but a name among its outputs, put behind the file, adds that output.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vision.networks.protobuf import data_field, fields

_GRAPH_OF_MODEL: Final = 7
_OUTPUT_OF_GRAPH: Final = 12
_NAME_OF_VALUE: Final = 1


def with_outputs(model: bytes, tensors: Iterable[str]) -> bytes:
    """Add those tensors to the outputs of a model that are not among them."""
    known = set(output_names(model))
    names = [name for name in tensors if name not in known]
    outputs = b"".join(data_field(_OUTPUT_OF_GRAPH, data_field(_NAME_OF_VALUE, name.encode())) for name in names)
    return model + data_field(_GRAPH_OF_MODEL, outputs) if outputs else model


def output_names(model: bytes) -> Iterator[str]:
    """Name the outputs of a model; bytes that are no message are a ValueError."""
    for graph in fields(memoryview(model), _GRAPH_OF_MODEL):
        for value in fields(graph, _OUTPUT_OF_GRAPH):
            yield from (bytes(name).decode() for name in fields(value, _NAME_OF_VALUE))
