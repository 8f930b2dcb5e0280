"""A dual encoder to be worked out by hand: photos lie by their mean colour, texts by the colours that they name."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors

SIDE, LENGTH = 16, 8
COLOURS = {
    **dict.fromkeys(("red", "красный", "трамвай"), (1, -1, -1)),
    "green": (-1, 1, -1),
    "blue": (-1, -1, 1),
    "white": (1, 1, 1),
}
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = (*SPECIAL, *COLOURS, "a", "photo", "of", "and")
DESCRIPTION = """\
name = "tiny-clip"
least = 0.2

[photo]
network = "sees.onnx"
tensor = "colour"

[photo.input]
height = 16
width = 16
mean = [127.5, 127.5, 127.5]
scale = [127.5, 127.5, 127.5]

[text]
network = "reads.onnx"
tokenizer = "tokenizer.json"
tensor = "named"
length = 8
mask = "mask"
ids = "ids"
lower_case = true
"""


def write_dual(folder: Path, numbers: int = TensorProto.INT64) -> Path:
    """Write both networks, the tokenizer and the description."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_seeing(folder / "sees.onnx")
    _write_reading(folder / "reads.onnx", numbers)
    _write_tokenizer(folder / "tokenizer.json")
    file = folder / "clip.toml"
    file.write_text(DESCRIPTION, "utf-8")
    return file


def plain(red: int, green: int, blue: int) -> np.ndarray:
    """A photo of one colour."""
    return np.full((40, 60, 3), (red, green, blue), np.uint8)


def coloured(red: int, green: int, blue: int, seed: int = 0) -> bytes:
    """The file of a photo that is mostly of one colour, and no copy of another."""
    patches = np.random.default_rng(seed).integers(-40, 40, (6, 8, 1)).repeat(8, axis=0).repeat(8, axis=1)
    pixels = np.clip(np.array((red, green, blue)) + patches, 0, 255).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _write_seeing(file: Path) -> None:
    """Photos -> mean colour."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["photos"], ["means"]),
        helper.make_node("Flatten", ["means"], ["colour"]),
    ]
    photos = helper.make_tensor_value_info("photos", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])
    _save(file, nodes, [photos], "colour", {})


def _write_reading(file: Path, numbers: int) -> None:
    """Numbers -> colours of the tokens -> their sum over those that are of the text; what fills would spoil it."""
    table = np.array([COLOURS.get(word, (0, 0, 0)) for word in WORDS], np.float32)
    table[WORDS.index("[PAD]")] = (50, -70, 90)
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["colours"]),
        helper.make_node("Cast", ["mask"], ["as_float"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["as_float", "last"], ["which"]),
        helper.make_node("Mul", ["colours", "which"], ["spoken"]),
        helper.make_node("ReduceSum", ["spoken", "tokens"], ["named"], keepdims=0),
        helper.make_node("Concat", ["named", "named"], ["twice"], axis=1),  # lies in no space that photos lie in
    ]
    inputs = [helper.make_tensor_value_info(name, numbers, ["n", LENGTH]) for name in ("ids", "mask")]
    axes = {"last": np.array([2], np.int64), "tokens": np.array([1], np.int64)}
    _save(file, nodes, inputs, "named", {"table": table, **axes})


def _write_tokenizer(file: Path) -> None:
    numbers = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=SPECIAL[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(word, WORDS.index(word)) for word in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    file.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False), "utf-8")


def _save(file: Path, nodes: list, inputs: list, output: str, constants: dict[str, np.ndarray]) -> None:
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 3])]
    arrays = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())
