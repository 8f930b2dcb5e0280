"""An encoder with a trained network: each of its outputs becomes words of one kind."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from common.digest import file_digest
from vision.encoder import SIDE, Encoder, Encoding, Features, Pixels, Words
from vision.errors import EncoderError
from vision.networks.network import BATCH, Network, Tensor, prepare_batch
from vision.networks.spec import Output, Spec, Things
from vision.words.kinds import Learned, WordKind, make_word_kind
from vision.words.weights import cells

# Another one when the same description gives other words, as when a default changes: defaults are not in the id.
_VERSION: Final = 1


class NetworkEncoder(Encoder):
    """Visual words from the outputs of a network; `learned` holds the arrays that each of them learned from photos."""

    def __init__(self, spec: Spec, network: Network, learned: Mapping[str, Learned] | None = None) -> None:
        self.spec = spec
        self.learned = learned or {}
        self._network = network
        self._kinds: list[tuple[Output, WordKind]] = []
        self._prefixes: dict[str, WordKind] = {}
        for output in spec.outputs:
            prefix = spec.prefix(output)
            self._prefixes[prefix] = make_word_kind(output, prefix, self.learned.get(prefix, {}), spec.input)
            if output.total > 0:
                self._kinds.append((output, self._prefixes[prefix]))
        self._id = f"{spec.name}-{self._digest()}"

    @property
    def id(self) -> str:
        """Name, and a digest of the network, of its description and of what was learned."""
        return self._id

    @property
    def side(self) -> int:
        """The usual, or the longer side of a larger input."""
        return max(SIDE, self.spec.input.height, self.spec.input.width)

    @property
    def totals(self) -> Mapping[str, float]:
        """Each output is a kind of its own."""
        return {self.spec.prefix(output): output.total for output in self.spec.outputs}

    def see(self, photos: Sequence[Pixels]) -> Encoding:
        """Run the network over the photos, some at a time."""
        words: list[Words] = []
        features: list[Features] = []
        for tensors in self.look(photos):
            of_kinds = [kind.words(tensors[output.tensor]) for output, kind in self._kinds]
            size = len(next(iter(tensors.values())))
            words += [{word: weight for kind in of_kinds for word, weight in kind[at].items()} for at in range(size)]
            features.append(self.features_of(tensors))
        return Encoding(words, np.concatenate(features) if features else np.zeros((0, 0), np.float32))

    def describe(self, word: str) -> str:
        """Say a word as its output does."""
        prefix, _, name = word.partition(":")
        return self._prefixes[prefix].describe(name) if prefix in self._prefixes else word

    def names(self, words: Words) -> dict[str, float]:
        """What its outputs name; of two that name the same the surer one counts."""
        by_prefix: dict[str, Words] = {}
        for word, weight in words.items():
            prefix, _, name = word.partition(":")
            by_prefix.setdefault(prefix, {})[name] = weight
        named: dict[str, float] = {}
        for prefix, kind in self._prefixes.items():
            for name, sure in kind.names(by_prefix.get(prefix, {})).items():
                named[name] = max(named.get(name, 0.0), sure)
        return named

    def with_totals(self, totals: Mapping[str, float]) -> "NetworkEncoder":
        """The same network with other totals of its outputs."""
        outputs = tuple(
            replace(output, total=float(totals.get(self.spec.prefix(output), output.total)))
            for output in self.spec.outputs
        )
        return NetworkEncoder(replace(self.spec, outputs=outputs), self._network, self.learned)

    def taught(self, learned: Mapping[str, Learned]) -> "NetworkEncoder":
        """The same network with what was learned for its outputs."""
        return NetworkEncoder(self.spec, self._network, learned)

    def look(self, photos: Sequence[Pixels]) -> Iterator[dict[str, Tensor]]:
        """Give the tensors of the photos, a batch at a time, each as photos x places x channels."""
        channels_last = self.spec.input.layout == "NHWC"
        boxes = {output.tensor for output in self.spec.outputs if isinstance(output, Things)}
        for at in range(0, len(photos), BATCH):
            outputs = self._network.run(prepare_batch(photos[at : at + BATCH], self.spec.input))
            for name, tensor in outputs.items():
                if not np.isfinite(tensor).all():
                    raise EncoderError(f"The tensor {name} of {self.spec.name} holds NaN or infinity: see [input].")
            yield {
                name: cells(tensor, channels_last=channels_last or name in boxes) for name, tensor in outputs.items()
            }

    def features_of(self, tensors: Mapping[str, Tensor]) -> Features:
        """The feature tensors side by side, each pooled over its places."""
        return np.concatenate([tensors[name].mean(axis=1) for name in self.spec.feature_tensors], axis=1)

    def _digest(self) -> str:
        plain = msgspec.to_builtins(self.spec)
        digest = hashlib.sha256(str(_VERSION).encode())
        for owner in (plain, *plain.get("outputs", ())):
            for field in ("network", "weights", "labels"):
                if owner.get(field) and (file := Path(owner[field])).is_file():
                    owner[field] = file_digest(file)
        digest.update(msgspec.json.encode(plain, order="sorted"))
        for prefix, arrays in sorted(self.learned.items()):
            for name, array in sorted(arrays.items()):
                digest.update(f"{prefix}.{name}".encode() + array.tobytes())
        return digest.hexdigest()[:8]
