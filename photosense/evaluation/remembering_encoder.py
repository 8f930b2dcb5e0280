"""An encoder that looks at a photo once, however often the tasks show it."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from vision.encoder import Encoder, Encoding, Features, Pixels, Words


class Remembering(Encoder):
    """Remembers what another encoder saw in each photo."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._encodings: dict[bytes, tuple[Words, Features]] = {}

    @property
    def id(self) -> str:
        """The name of the words, which are the other's."""
        return self._encoder.id

    @property
    def side(self) -> int:
        """How long the short side of a photo should be."""
        return self._encoder.side

    @property
    def totals(self) -> Mapping[str, float]:
        """What the words of each kind weigh."""
        return self._encoder.totals

    def see(self, photos: Sequence[Pixels]) -> Encoding:
        """Look at those photos that are new."""
        keys = [hashlib.blake2b(repr(photo.shape).encode() + photo.tobytes()).digest() for photo in photos]
        new = {key: photo for key, photo in zip(keys, photos, strict=True) if key not in self._encodings}
        if new or not photos:
            looked = self._encoder.see(list(new.values()))
            self._encodings.update(zip(new, zip(looked.words, looked.features, strict=True), strict=True))
            if not photos:
                return looked
        encodings = [self._encodings[key] for key in keys]
        return Encoding([dict(words) for words, _ in encodings], np.array([features for _, features in encodings]))

    def describe(self, word: str) -> str:
        """Say a word for people."""
        return self._encoder.describe(word)

    def names(self, words: Words) -> dict[str, float]:
        """What the other names."""
        return self._encoder.names(words)

    def with_totals(self, totals: Mapping[str, float]) -> Encoder:
        """The same with other totals, with nothing seen yet."""
        return Remembering(self._encoder.with_totals(totals))
