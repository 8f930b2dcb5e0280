"""A BERT as an ONNX graph says what the paper's layers say, worked out in numpy; other weights are refused."""

import math

import numpy as np
import onnxruntime
import pytest

from tests.support.tiny_text import TINY, tiny_bert
from vision.errors import EncoderError
from vision.text.bert import IDS, MASK, SENTENCE, bert_onnx


def worked_out(ids: np.ndarray, mask: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """Layer by layer, one text after the other, without what fills it."""

    def norm(rows: np.ndarray, name: str) -> np.ndarray:
        apart = rows - rows.mean(axis=1, keepdims=True)
        scaled = apart / np.sqrt((apart**2).mean(axis=1, keepdims=True) + TINY.epsilon)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def dense(rows: np.ndarray, name: str) -> np.ndarray:
        return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def layer(rows: np.ndarray, name: str) -> np.ndarray:
        parts = [dense(rows, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        asked, named, told = (part.reshape(len(rows), TINY.heads, -1).swapaxes(0, 1) for part in parts)
        near = asked @ named.swapaxes(1, 2) / math.sqrt(TINY.width / TINY.heads)
        shares = np.exp(near) / np.exp(near).sum(axis=2, keepdims=True)
        heard = (shares @ told).swapaxes(0, 1).reshape(len(rows), -1)
        looked = norm(dense(heard, f"{name}.attention.output.dense") + rows, f"{name}.attention.output.LayerNorm")
        wide = dense(looked, f"{name}.intermediate.dense")
        wide = wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2))) / 2
        return norm(dense(wide, f"{name}.output.dense") + looked, f"{name}.output.LayerNorm")

    sentences = []
    for row, kept in zip(ids, mask, strict=True):
        tokens = row[kept == 1]
        rows = weights["embeddings.word_embeddings.weight"][tokens].astype(float)
        rows = rows + weights["embeddings.position_embeddings.weight"][: len(tokens)]
        rows = norm(rows + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for number in range(TINY.layers):
            rows = layer(rows, f"encoder.layer.{number}")
        sentences.append(rows.mean(axis=0))
    return np.array(sentences)


def test_the_graph_says_what_the_layers_say() -> None:
    """Texts of several lengths at once: what fills the short ones counts for nothing."""
    weights = tiny_bert()
    ids = np.array([[2, 4, 5, 6, 3], [2, 9, 3, 0, 0], [2, 3, 0, 0, 0]])
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]])
    session = onnxruntime.InferenceSession(bert_onnx("tiny", TINY, weights), providers=["CPUExecutionProvider"])
    (sentences,) = session.run([SENTENCE], {IDS: ids, MASK: mask})
    assert sentences == pytest.approx(worked_out(ids, mask, weights), abs=1e-4)


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("embeddings.LayerNorm.bias", None, "hold no embeddings.LayerNorm.bias"),
        ("embeddings.LayerNorm.bias", np.zeros(7, np.float32), r"have the shape \(7,\), tiny has \(24,\)"),
        ("embeddings.LayerNorm.bias", np.full(24, np.nan, np.float32), "hold NaN or infinity"),
        ("encoder.layer.2.output.dense.bias", np.zeros(24, np.float32), "hold 1 tensors that tiny has not"),
    ],
    ids=["missing", "another shape", "NaN", "one more"],
)
def test_weights_of_another_network_are_refused(name: str, values: np.ndarray | None, says: str) -> None:
    """The sentence names the tensor."""
    weights = {**tiny_bert(), name: values}
    with pytest.raises(EncoderError, match=says):
        bert_onnx("tiny", TINY, {key: array for key, array in weights.items() if array is not None})
