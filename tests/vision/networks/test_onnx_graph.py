"""A graph of our own is an ONNX file as anybody else's: checked by the package onnx, and the same to every reader."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from vision.networks.onnx_graph import OnnxGraph


def test_a_graph_reads_as_the_same_one_written_by_onnx() -> None:
    """Inputs with a free side, weights, nodes with one number and with several, outputs; sizes that need two bytes."""
    kernel = np.random.default_rng(0).standard_normal((200, 3, 3, 3)).astype(np.float32)
    graph = OnnxGraph("tiny")
    photos = graph.takes("photos", ("n", 3, 300, 8))
    conv = graph.node("Conv", "sums", (photos, graph.holds("kernel", kernel)), strides=(2, 1), group=1)
    graph.node("Flatten", "flat", (conv,), axis=1)
    graph.gives("flat", ("n", 200 * 149 * 6))
    theirs = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Conv", ["photos", "kernel"], ["sums"], name="sums", strides=[2, 1], group=1),
                helper.make_node("Flatten", ["sums"], ["flat"], name="flat", axis=1),
            ],
            "tiny",
            [helper.make_tensor_value_info("photos", TensorProto.FLOAT, ["n", 3, 300, 8])],
            [helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["n", 200 * 149 * 6])],
            [numpy_helper.from_array(kernel, "kernel")],
        ),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
        producer_name="photosense",
    )
    ours = onnx.load_from_string(graph.to_bytes())
    onnx.checker.check_model(ours, full_check=True)
    for model in (ours, theirs):  # the order of attributes is nobody's
        for node in model.graph.node:
            attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
            del node.attribute[:]
            node.attribute.extend(attributes)
    assert ours == theirs
