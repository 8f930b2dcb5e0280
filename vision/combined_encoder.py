"""Several encoders at work together: their words stand side by side, each kind with its own total weight."""

from collections.abc import Mapping, Sequence

import numpy as np

from vision.encoder import Encoder, Encoding, Pixels, Words
from vision.errors import EncoderError


class Together(Encoder):
    """Encoders whose words and features are put side by side."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)
        owners: dict[str, Encoder] = {}
        for encoder in encoders:
            for kind in encoder.totals:
                if kind in owners:
                    raise EncoderError(
                        f"{owners[kind].id} and {encoder.id} both have words under {kind!r}: give one of them another "
                        "`prefix` or `name` in its description."
                    )
                owners[kind] = encoder
        self._owners = owners

    @property
    def id(self) -> str:
        """The ids of all."""
        return "+".join(encoder.id for encoder in self.encoders)

    @property
    def side(self) -> int:
        """What the most demanding one wants."""
        return max(encoder.side for encoder in self.encoders)

    @property
    def totals(self) -> Mapping[str, float]:
        """The kinds of all."""
        return {kind: total for encoder in self.encoders for kind, total in encoder.totals.items()}

    def see(self, photos: Sequence[Pixels]) -> Encoding:
        """Let each look once."""
        encodings = [encoder.see(photos) for encoder in self.encoders]
        words = [
            {word: weight for part in of_photo for word, weight in part.items()}
            for of_photo in zip(*(part.words for part in encodings), strict=True)
        ]
        return Encoding(words, np.concatenate([part.features for part in encodings], axis=1))

    def describe(self, word: str) -> str:
        """Ask whose word it is; one without an owner is of the encoder whose kinds are no prefixes."""
        owner = self._owners.get(word.partition(":")[0])
        if owner is not None:
            return owner.describe(word)
        descriptions = (encoder.describe(word) for encoder in self.encoders)
        return next((words for words in descriptions if words != word), word)

    def names(self, words: Words) -> dict[str, float]:
        """What any of them names; of two that name the same the surer one counts."""
        named: dict[str, float] = {}
        for encoder in self.encoders:
            for name, sure in encoder.names(words).items():
                named[name] = max(named.get(name, 0.0), sure)
        return named

    def with_totals(self, totals: Mapping[str, float]) -> "Together":
        """Tell each."""
        return Together([encoder.with_totals(totals) for encoder in self.encoders])
