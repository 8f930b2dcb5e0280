"""A BERT that places sentences, as an ONNX graph: the mean of its last layer over the tokens of a text.

Layers of attention as in the paper (Devlin and others, 2019), normalised behind each step; how many, how wide and with
how many heads is in the `config.json` beside the weights.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from common.arrays import Float32
from vision.errors import EncoderError
from vision.networks.onnx_graph import OnnxGraph
from vision.text.safetensors import Tensors

IDS, MASK, SENTENCE = "input_ids", "attention_mask", "sentence"
_OPSET: Final = 17  # the first that normalises a layer in one node
_FAR: Final = -1e4  # what fills a text is as good as not looked at


@dataclass(frozen=True, slots=True)
class Bert:
    """How large a network of this kind is."""

    width: int
    layers: int
    heads: int
    inner: int
    tokens: int  # it knows
    length: int  # of the longest text
    epsilon: float = 1e-12


def bert_onnx(name: str, bert: Bert, weights: Tensors) -> bytes:
    """Write the network as an ONNX file: numbers of tokens and which of them count in, where a text is placed out."""
    return _Builder(name, bert, weights).build()


class _Builder:
    """Goes through the layers, and takes the weights of each out of what was saved."""

    def __init__(self, name: str, bert: Bert, weights: Tensors) -> None:
        self._name, self._bert = name, bert
        self._weights = dict(weights)
        self._weights.pop("embeddings.position_ids", None)  # 0, 1, 2, ...
        self._graph = OnnxGraph(name, _OPSET)

    def build(self) -> bytes:
        """Tokens with their places, layers, the mean."""
        graph, bert = self._graph, self._bert
        ids = graph.takes(IDS, ("n", "tokens"), whole=True)
        mask = graph.takes(MASK, ("n", "tokens"), whole=True)
        for name, values in {"first": [0], "second": [1], "end": [2], "here": [1, 2]}.items():
            graph.holds(name, np.array(values, np.int64))
        graph.holds("split", np.array([0, 0, bert.heads, bert.width // bert.heads], np.int64))
        graph.holds("joined", np.array([0, 0, bert.width], np.int64))
        graph.holds("half", np.array(0.5, np.float32))
        graph.holds("one", np.array(1, np.float32))
        graph.holds("slope", np.array(0.5**0.5, np.float32))
        graph.holds("far", np.array(_FAR, np.float32))
        counted = graph.node("Cast", "counted", (mask,), to=1)
        filling = graph.node("Sub", "filling", ("one", counted))
        filling = graph.node("Mul", "filling.far", (filling, "far"))
        graph.node("Unsqueeze", "unseen", (filling, "here"))
        last = self._layer_norm("tokens", self._tokens(ids), "embeddings.LayerNorm")
        for number in range(bert.layers):
            last = self._layer(f"layer{number}", last, f"encoder.layer.{number}")
        self._mean(last, counted)
        self._weights.pop("pooler.dense.weight", None)  # for another task
        self._weights.pop("pooler.dense.bias", None)
        if self._weights:
            raise EncoderError(
                f"The weights hold {len(self._weights)} tensors that {self._name} has not, "
                f"such as {next(iter(self._weights))[:80]}."
            )
        graph.gives(SENTENCE, ("n", bert.width))
        return graph.to_bytes()

    def _tokens(self, ids: str) -> str:
        """What each token is, and where it stands."""
        graph, bert = self._graph, self._bert
        words = graph.holds("words", self._take("embeddings.word_embeddings.weight", bert.tokens, bert.width))
        places = self._take("embeddings.position_embeddings.weight", bert.length, bert.width)
        places = places + self._take("embeddings.token_type_embeddings.weight", 2, bert.width)[0]
        graph.holds("places", places)
        shape = graph.node("Shape", "shape", (ids,))
        count = graph.node("Slice", "count", (shape, "second", "end"))
        here = graph.node("Slice", "places.here", ("places", "first", count))
        return graph.node("Add", "placed", (graph.node("Gather", "meant", (words, ids)), here))

    def _layer(self, name: str, given: str, saved: str) -> str:
        """Look at the other tokens, then think each over by itself; what came in is added both times."""
        graph, bert = self._graph, self._bert
        attention = f"{saved}.attention"
        per_head = float((bert.width // bert.heads) ** -0.5)
        asked, named, told = (
            graph.node(
                "Transpose",
                f"{name}.{part}.turned",
                (graph.node("Reshape", f"{name}.{part}.split", (of_part, "split")),),
                perm=(0, 2, 3, 1) if part == "key" else (0, 2, 1, 3),
            )
            for part, of_part in (
                (
                    part,
                    self._dense(
                        f"{name}.{part}",
                        given,
                        f"{attention}.self.{part}",
                        bert.width,
                        bert.width,
                        per_head if part == "query" else 1.0,
                    ),
                )
                for part in ("query", "key", "value")
            )
        )
        near = graph.node("MatMul", f"{name}.near", (asked, named))
        near = graph.node("Add", f"{name}.near.seen", (near, "unseen"))
        shares = graph.node("Softmax", f"{name}.shares", (near,), axis=-1 % 4)
        heard = graph.node("MatMul", f"{name}.heard", (shares, told))
        heard = graph.node("Transpose", f"{name}.heard.turned", (heard,), perm=(0, 2, 1, 3))
        heard = graph.node("Reshape", f"{name}.heard.joined", (heard, "joined"))
        heard = self._dense(f"{name}.looked", heard, f"{attention}.output.dense", bert.width, bert.width)
        heard = graph.node("Add", f"{name}.looked.sum", (heard, given))
        heard = self._layer_norm(f"{name}.looked.norm", heard, f"{attention}.output.LayerNorm")
        wide = self._gelu(self._dense(f"{name}.wide", heard, f"{saved}.intermediate.dense", bert.width, bert.inner))
        thought = self._dense(f"{name}.narrow", wide, f"{saved}.output.dense", bert.inner, bert.width)
        thought = graph.node("Add", f"{name}.sum", (thought, heard))
        return self._layer_norm(f"{name}.norm", thought, f"{saved}.output.LayerNorm")

    def _mean(self, last: str, counted: str) -> None:
        graph = self._graph
        column = graph.node("Unsqueeze", "counted.column", (counted, "end"))
        kept = graph.node("Mul", "kept", (last, column))
        total = graph.node("ReduceSum", "total", (kept, "second"), keepdims=0)
        count = graph.node("ReduceSum", "number", (column, "second"), keepdims=0)
        graph.node("Div", SENTENCE, (total, graph.node("Max", "number.least", (count, "one"))))

    def _dense(self, name: str, given: str, saved: str, entered: int, left: int, factor: float = 1.0) -> str:
        graph = self._graph
        matrix = graph.holds(f"{name}.weight", self._take(f"{saved}.weight", left, entered).T * np.float32(factor))
        bias = graph.holds(f"{name}.bias", self._take(f"{saved}.bias", left) * np.float32(factor))
        return graph.node("Add", name, (graph.node("MatMul", f"{name}.product", (given, matrix)), bias))

    def _gelu(self, given: str) -> str:
        graph = self._graph
        bent = graph.node("Erf", f"{given}.erf", (graph.node("Mul", f"{given}.slope", (given, "slope")),))
        bent = graph.node("Mul", f"{given}.half", (graph.node("Add", f"{given}.more", (bent, "one")), "half"))
        return graph.node("Mul", f"{given}.gelu", (given, bent))

    def _layer_norm(self, name: str, given: str, saved: str) -> str:
        graph, width = self._graph, self._bert.width
        scale = graph.holds(f"{name}.scale", self._take(f"{saved}.weight", width))
        bias = graph.holds(f"{name}.bias", self._take(f"{saved}.bias", width))
        return graph.node(
            "LayerNormalization", f"{name}.done", (given, scale, bias), axis=2, epsilon=float(self._bert.epsilon)
        )

    def _take(self, name: str, *shape: int) -> Float32:
        """The weights of that name, once it is sure that they have the shape of this network."""
        values = self._weights.pop(name, None)
        if values is None:
            raise EncoderError(f"The weights hold no {name}, which {self._name} has: they are of another network.")
        if values.shape != shape:
            raise EncoderError(
                f"The weights {name} have the shape {values.shape}, {self._name} has {shape}: "
                "they are of another network."
            )
        if not np.isfinite(values).all():
            raise EncoderError(f"The weights {name} hold NaN or infinity: the file is damaged.")
        return values.astype(np.float32)
