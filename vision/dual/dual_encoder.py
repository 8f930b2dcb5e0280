"""A dual encoder, CLIP or SigLIP: two networks of somebody else's that place photos and texts in one space.

It knows no words and no topics; the cosine of two places tells what looks like what. So it stands beside the encoder of
visual words and changes nothing about it: adding or leaving it makes no model and no detector misfit.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from common.digest import file_digest
from vision.dual.dual_spec import DualSpec, read_dual_spec
from vision.encoder import Features, Pixels
from vision.errors import EncoderError
from vision.networks.network import Runtime
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.open_network import need, open_network

# Another one when the same description places photos or texts elsewhere: defaults are not in the id.
_VERSION: Final = 1


class DualEncoder:
    """Places photos and texts, each a vector of length 1; those of two ids never mix."""

    def __init__(self, spec: DualSpec, runtime: Runtime = Runtime.ONNXRUNTIME, threads: int = 1) -> None:
        need("tokenizers", f"The dual encoder {spec.name}")
        need("onnxruntime", f"The dual encoder {spec.name}")
        from vision.networks.onnx import OnnxReader
        from vision.text.tokenizer import Tokenizer

        self.least = spec.least
        self._eye = NetworkEncoder(spec.seeing, open_network(spec.seeing, runtime, threads))
        self._tokenizer = Tokenizer(spec.text)
        self._reader = OnnxReader(spec.text, threads)
        self._spec = spec
        self._size = self._checked_size()
        self._id = f"{spec.name}-{self._digest()}"

    @property
    def id(self) -> str:
        """Name, and a digest of both networks, the tokenizer and their description."""
        return self._id

    @property
    def side(self) -> int:
        """How long the short side of a decoded photo should be."""
        return self._eye.side

    @property
    def size(self) -> int:
        """Length of a vector."""
        return self._size

    def embed_photos(self, photos: Sequence[Pixels]) -> Features:
        """Place decoded photos, a row each."""
        return _unit(self._eye.features(photos)) if photos else np.zeros((0, self._size), np.float32)

    def embed_text(self, text: str) -> Features | None:
        """Place a text, its first `length` tokens; None where nothing is said."""
        if not text.strip():
            return None
        embedding = _unit(self._read(text))
        return embedding if embedding.any() else None

    def _read(self, text: str) -> Features:
        embedding = self._reader.read(*self._tokenizer.numbers(text))
        if embedding.ndim != 1 or not np.isfinite(embedding).all():
            raise EncoderError(
                f"The tensor {self._spec.text.tensor} of {self._spec.name} has the shape {embedding.shape} for a text, "
                "or holds NaN or infinity: name the tensor that places whole texts under [text]."
            )
        return embedding

    def _checked_size(self) -> int:
        """Let both sides work once: what does not fit together is found before anybody asks."""
        photo = np.full((self._spec.photo.input.height, self._spec.photo.input.width, 3), 127, np.uint8)
        of_photos, of_texts = self._eye.features([photo]).shape[1], len(self._read("photo"))
        if of_photos != of_texts:
            raise EncoderError(
                f"The dual encoder {self._spec.name} places photos by {of_photos} numbers ({self._spec.photo.tensor}) "
                f"and texts by {of_texts} ({self._spec.text.tensor}): name the tensors of both that lie in one space."
            )
        return int(of_photos)

    def _digest(self) -> str:
        network, tokenizer = (file_digest(Path(file)) for file in (self._spec.text.network, self._spec.text.tokenizer))
        text = replace(self._spec.text, network=network, tokenizer=tokenizer)
        digest = hashlib.sha256(f"{_VERSION} {self._eye.id}".encode())
        digest.update(msgspec.json.encode(text, order="sorted"))
        return digest.hexdigest()[:8]


def make_dual_encoder(description: Path, runtime: Runtime = Runtime.ONNXRUNTIME, threads: int = 1) -> DualEncoder:
    """Open the dual encoder of a description; onnxruntime reads, whoever sees."""
    return DualEncoder(read_dual_spec(description), runtime, threads)


def _unit(rows: Features) -> Features:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)
