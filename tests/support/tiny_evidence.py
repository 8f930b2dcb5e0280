"""Networks that find things to be worked out by hand: red quarters of a photo are faces and people, blue ones toys.

How green a face is tells its age: from 0 years for none to 99 for all that there is.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIDE = 16
# Left, top, right and bottom of the quarters, as shares of the photo.
QUARTERS = np.array([(0, 0, 0.5, 0.5), (0.5, 0, 1, 0.5), (0, 0.5, 0.5, 1), (0.5, 0.5, 1, 1)], np.float32)
TOY = 77
_INPUT = "height = 16\nwidth = 16\nscale = [255.0, 255.0, 255.0]\n"
FACES = f"""\
evidence = "faces"
name = "faces"

[boxes]
network = "faces.onnx"
tensor = "boxes"
scores = "scores"
edges = "y0 x0 y1 x1"
unit = "share"

[boxes.input]
fit = "corner"
{_INPUT}
[ages]
network = "ages.onnx"
tensor = "years"

[ages.input]
{_INPUT}"""
OBJECTS = f"""\
evidence = "objects"
name = "objects"
things = {{ toy = {TOY} }}

[boxes]
network = "objects.onnx"
tensor = "found"

[boxes.input]
{_INPUT}"""


def write_evidence(folder: Path, *kinds: str) -> list[Path]:
    """Write descriptions of those kinds, `faces` or `objects`, with their networks."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_faces(folder / "faces.onnx")
    _write_ages(folder / "ages.onnx")
    _write_objects(folder / "objects.onnx")
    for name, text in (("faces", FACES), ("objects", OBJECTS)):
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return [folder / f"{kind}.toml" for kind in kinds]


def quarters(*colours: tuple[int, int, int], height: int = 64, width: int = 64) -> np.ndarray:
    """A photo of four quarters in those colours; those that are left out are black."""
    pixels = np.array([*colours, *[(0, 0, 0)] * (4 - len(colours))], np.uint8)
    return np.asarray(Image.fromarray(pixels.reshape(2, 2, 3)).resize((width, height), Image.Resampling.NEAREST))


def _write_faces(file: Path) -> None:
    """Photo -> boxes, always those of the quarters; scores, how red each is."""
    edges = QUARTERS[:, [1, 0, 3, 2]][None]
    nodes = [
        *_pooled(),
        helper.make_node("Slice", ["means", "first", "second", "axis"], ["red"]),
        helper.make_node("Reshape", ["red", "row"], ["scores"]),
        helper.make_node("Identity", ["edges"], ["boxes"]),
    ]
    constants = {**_SLICES, "row": np.array([1, 4], np.int64), "edges": edges}
    _save(file, nodes, {"boxes": [1, 4, 4], "scores": [1, 4]}, constants, batch=1)


def _write_objects(file: Path) -> None:
    """Photo -> rows of edges in pixels, score and class: the red quarters as people, the blue ones as toys."""
    edges = np.concatenate([QUARTERS, QUARTERS])[None] * SIDE
    classes = np.array([0] * 4 + [TOY] * 4, np.float32).reshape(1, 8, 1)
    nodes = [
        *_pooled(),
        helper.make_node("Slice", ["means", "first", "second", "axis"], ["red"]),
        helper.make_node("Slice", ["means", "third", "last", "axis"], ["blue"]),
        helper.make_node("Reshape", ["red", "column"], ["people"]),
        helper.make_node("Reshape", ["blue", "column"], ["toys"]),
        helper.make_node("Concat", ["people", "toys"], ["scores"], axis=1),
        helper.make_node("Concat", ["edges", "scores", "classes"], ["found"], axis=2),
    ]
    constants = {**_SLICES, "column": np.array([1, 4, 1], np.int64), "edges": edges, "classes": classes}
    _save(file, nodes, {"found": [1, 8, 6]}, constants, batch=1)


def _write_ages(file: Path) -> None:
    """Photo -> probabilities of 0 to 99 years, nearly all of it where its mean green is."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["photos"], ["means"]),
        helper.make_node("Flatten", ["means"], ["colour"]),
        helper.make_node("MatMul", ["colour", "green"], ["age"]),
        helper.make_node("Sub", ["age", "all_years"], ["apart"]),
        helper.make_node("Mul", ["apart", "apart"], ["squared"]),
        helper.make_node("Neg", ["squared"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["years"], axis=1),
    ]
    constants = {
        "green": np.array([[0], [99], [0]], np.float32),
        "all_years": np.arange(100, dtype=np.float32)[None],
    }
    _save(file, nodes, {"years": ["n", 100]}, constants, batch="n")


_SLICES = {
    name: np.array([number], np.int64)
    for name, number in (("first", 0), ("second", 1), ("third", 2), ("last", 3), ("axis", 1))
}


def _pooled() -> list:
    half = SIDE // 2
    return [helper.make_node("AveragePool", ["photos"], ["means"], kernel_shape=[half, half], strides=[half, half])]


def _save(
    file: Path, nodes: list, outputs: dict[str, list], constants: dict[str, np.ndarray], batch: int | str
) -> None:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("photos", TensorProto.FLOAT, [batch, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())
