"""A text encoder to be worked out by hand: texts lie by the mean of what their words mean, synonyms in one place."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from vision.text.bert import Bert

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
# What means the same stands in one line.
MEANINGS = (
    ("dog", "puppy", "собака"),
    ("runs", "running", "races"),
    ("snow", "snowy"),
    ("children", "kids"),
    ("beach", "sea"),
    ("play", "fun"),
    ("bicycle", "cyclist"),
    ("riding", "road"),
    ("train", "locomotive"),
    ("station", "platform"),
    ("arrives", "pulls"),
)
WORDS = (*SPECIAL, *(word for line in MEANINGS for word in line))
SIZE = len(MEANINGS) + 1
DESCRIPTION = """\
name = "tiny-text"
network = "reads.onnx"
tensor = "named"
tokenizer = "tokenizer.json"
length = 16
ids = "ids"
mask = "mask"
mean = true
"""


def meaning(word: str) -> np.ndarray:
    """Where a word lies: a direction of its own for each meaning, and one for all that says nothing."""
    row = next((row for row, line in enumerate(MEANINGS) if word in line), SIZE - 1)
    return np.eye(SIZE, dtype=np.float32)[row] * (1.0 if row < SIZE - 1 else 0.05)


def write_text_encoder(folder: Path, length: int | str = "tokens", more: str = "") -> Path:
    """Write the network, the tokenizer and the description."""
    folder.mkdir(parents=True, exist_ok=True)
    table = np.stack([meaning(word) for word in WORDS])
    table[0] = 9.0  # what fills would spoil it
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", length]) for name in ("ids", "mask")]
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["named"]),
        helper.make_node("Cast", ["mask"], ["which"], to=TensorProto.FLOAT),
    ]
    outputs = [
        helper.make_tensor_value_info("named", TensorProto.FLOAT, ["n", length, SIZE]),
        helper.make_tensor_value_info("which", TensorProto.FLOAT, ["n", length]),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (folder / "reads.onnx").write_bytes(model.SerializeToString())
    (folder / "tokenizer.json").write_text(tokenizer(), "utf-8")
    file = folder / "tiny-text.toml"
    file.write_text(DESCRIPTION + more, "utf-8")
    return file


def tokenizer(more: int = 0, turned: bool = False) -> str:
    """A tokenizer of these words, and of so many that the network does not know; or of the same in another order."""
    known = np.random.default_rng(0).permutation(WORDS[len(SPECIAL) :]).tolist() if turned else WORDS[len(SPECIAL) :]
    words = (*SPECIAL, *known, *(f"stranger{number}" for number in range(more)))
    made = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token=SPECIAL[1]))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(word, WORDS.index(word)) for word in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return json.dumps(json.loads(made.to_str()), ensure_ascii=False)


TINY = Bert(width=24, layers=2, heads=3, inner=32, tokens=len(WORDS), length=20)


def tiny_bert(bert: Bert = TINY, seed: int = 5, *, quiet: bool = False) -> dict[str, np.ndarray]:
    """Weights of every layer at random or, `quiet`, such that layers add nothing and texts lie by what words mean."""
    rng = np.random.default_rng(seed)
    scale = 0.0 if quiet else 0.3

    def drawn(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    words = np.zeros((bert.tokens, bert.width), np.float32)
    words[:, : SIZE - 1] = np.stack([meaning(word)[:-1] for word in WORDS])  # what says nothing is nothing
    weights = {
        "embeddings.word_embeddings.weight": words + drawn(bert.tokens, bert.width),
        "embeddings.position_embeddings.weight": drawn(bert.length, bert.width),
        "embeddings.token_type_embeddings.weight": drawn(2, bert.width),
        "embeddings.position_ids": np.arange(bert.length)[None],
    }

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = 1 + drawn(bert.width)
        weights[f"{name}.bias"] = drawn(bert.width)

    def dense(name: str, left: int, entered: int) -> None:
        weights[f"{name}.weight"] = drawn(left, entered)
        weights[f"{name}.bias"] = drawn(left)

    norm("embeddings.LayerNorm")
    for number in range(bert.layers):
        layer = f"encoder.layer.{number}"
        for part in ("query", "key", "value"):
            dense(f"{layer}.attention.self.{part}", bert.width, bert.width)
        dense(f"{layer}.attention.output.dense", bert.width, bert.width)
        norm(f"{layer}.attention.output.LayerNorm")
        dense(f"{layer}.intermediate.dense", bert.inner, bert.width)
        dense(f"{layer}.output.dense", bert.width, bert.inner)
        norm(f"{layer}.output.LayerNorm")
    return weights


def safetensors(weights: dict[str, np.ndarray]) -> bytes:
    """What a file of safetensors holds of them."""
    kinds = {"float32": "F32", "float64": "F64", "int64": "I64"}
    table, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in weights.items():
        ends = [len(data), len(data) + array.nbytes]
        table[name] = {"dtype": kinds[str(array.dtype)], "shape": list(array.shape), "data_offsets": ends}
        data += np.ascontiguousarray(array).tobytes()
    head = json.dumps(table).encode()
    return len(head).to_bytes(8, "little") + head + data


def archive(weights: dict[str, np.ndarray], bert: Bert = TINY, **changed: object) -> bytes:
    """The archive that lies in the package of a text encoder."""
    config = {
        "hidden_size": bert.width,
        "num_hidden_layers": bert.layers,
        "num_attention_heads": bert.heads,
        "intermediate_size": bert.inner,
        "vocab_size": bert.tokens,
        "max_position_embeddings": bert.length,
        "layer_norm_eps": bert.epsilon,
        "pad_token_id": 0,
    } | changed
    file = BytesIO()
    with ZipFile(file, "w") as opened:
        opened.writestr("model.safetensors", safetensors(weights))
        opened.writestr("tokenizer.json", tokenizer())
        opened.writestr("config.json", json.dumps(config))
    return file.getvalue()
