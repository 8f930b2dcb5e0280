"""A text encoder: a network of somebody else's that places texts by what they mean, whatever words they use.

It sees no photos. Its numbers stand beside the words of a text where photos and texts are brought together, so a
question in words that nobody here has used may still lie where it belongs.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from common.arrays import Float32, Int64
from common.digest import file_digest
from vision.errors import EncoderError
from vision.networks.open_network import need
from vision.text.text_spec import TextSpec, read_text_spec

_AT_ONCE: Final = 64
# Another one when the same description places texts elsewhere: defaults are not in the id.
_VERSION: Final = 1


class TextEncoder:
    """Places texts, each a row of length 1; those of two ids never mix."""

    def __init__(self, spec: TextSpec, threads: int = 1) -> None:
        need("tokenizers", f"The text encoder {spec.name}")
        need("onnxruntime", f"The text encoder {spec.name}")
        from vision.networks.onnx import OnnxReader
        from vision.text.tokenizer import Tokenizer

        self._spec = spec
        self._tokenizer = Tokenizer(spec)
        self._reader = OnnxReader(spec, threads, types=spec.types)
        self._size = self._checked_size()
        self._id = f"{spec.name}-{self._digest()}"

    @property
    def id(self) -> str:
        """Name, and a digest of the network, the tokenizer and their description."""
        return self._id

    @property
    def size(self) -> int:
        """How many numbers a text has."""
        return self._size

    @property
    def languages(self) -> tuple[str, ...]:
        """Which it was taught; none named: any."""
        return self._spec.languages

    def embed(self, texts: Sequence[str]) -> Float32:
        """Place texts, a row of length 1 each; where nothing is said, a row of zeros."""
        rows = np.zeros((len(texts), self._size), np.float32)
        spoken = sorted((row for row, text in enumerate(texts) if text.strip()), key=lambda row: len(texts[row]))
        at_once = _AT_ONCE if self._reader.takes_several else 1
        for at in range(0, len(spoken), at_once):  # of one length, nearly, or the long ones fill up the short
            part = spoken[at : at + at_once]
            rows[part] = _unit(self._read([self._spec.prefix + texts[row] for row in part]))
        return rows

    def _read(self, texts: Sequence[str]) -> Float32:
        ids, mask = self._tokenizer.table(texts, whole=not self._reader.takes_any_length)
        return self._placed(self._reader.read_all(ids, mask), mask)

    def _placed(self, output: Float32, mask: Int64) -> Float32:
        spec = self._spec
        if spec.mean and output.ndim == 3:
            shown = mask[:, :, None].astype(np.float32)
            output = (output * shown).sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
        if output.ndim != 2 or not np.isfinite(output).all():
            raise EncoderError(
                f"The tensor {spec.tensor} of {spec.name} has the shape {output.shape} for {len(mask)} texts, or holds "
                "NaN or infinity: name the tensor that places whole texts, or say `mean = true` of one with a row for "
                "each token."
            )
        return np.asarray(output, np.float32)

    def _checked_size(self) -> int:
        """Let it read once, and take the last token that the tokenizer knows: both have to be of one network."""
        last = np.array([[self._tokenizer.size - 1] * (4 if self._reader.takes_any_length else self._spec.length)])
        try:
            self._reader.read_all(last, np.ones_like(last))
        except EncoderError as error:
            raise EncoderError(
                f"The tokenizer {self._spec.tokenizer} knows {self._tokenizer.size} tokens, and {self._spec.name} does "
                f"not take the last of them: it is the tokenizer of another network, or {error}"
            ) from None
        return int(self._read(["photo"]).shape[1])

    def _digest(self) -> str:
        network, tokenizer = (file_digest(Path(file)) for file in (self._spec.network, self._spec.tokenizer))
        spec = replace(self._spec, network=network, tokenizer=tokenizer)
        digest = hashlib.sha256(str(_VERSION).encode())
        digest.update(msgspec.json.encode(spec, order="sorted"))
        return digest.hexdigest()[:8]


def make_text_encoder(description: Path, threads: int = 1) -> TextEncoder:
    """Open the text encoder of a description."""
    return TextEncoder(read_text_spec(description), threads)


def _unit(rows: Float32) -> Float32:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)
