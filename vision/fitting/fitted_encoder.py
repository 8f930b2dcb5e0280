"""An encoder that learned from a site's photos: the axes of its features, and concepts when there were captions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from vision.encoder import Encoder, Encoding, Pixels, Words
from vision.fingerprint import perceptual
from vision.fitting.concepts import PREFIX, Concepts
from vision.fitting.regression import Axes


class FittedEncoder(Encoder):
    """The words of `base` (one encoder or several together) and the concepts; the features lie along learned axes."""

    def __init__(self, base: Encoder, axes: Axes, concepts: Concepts | None = None) -> None:
        self.base = base
        self.axes = axes
        self.concepts = concepts
        self._id = f"fitted-{self._digest()}"

    @property
    def id(self) -> str:
        """A digest of all that was learned and of what it was learned with."""
        return self._id

    @property
    def side(self) -> int:
        """What the base wants."""
        return self.base.side

    @property
    def totals(self) -> Mapping[str, float]:
        """The kinds of the base, and the concepts."""
        return {**self.base.totals, **({PREFIX: self.concepts.total} if self.concepts else {})}

    def see(self, photos: Sequence[Pixels]) -> Encoding:
        """Let the base look once, and predict concepts from its features."""
        if not photos:
            return Encoding([], np.zeros((0, self.axes.axes.shape[1]), np.float32))
        encoding = self.base.see(photos)
        projected = self.axes.project(encoding.features)
        words = encoding.words
        if self.concepts and self.concepts.total:
            predicted = self.concepts.predict(projected, [perceptual(photo) for photo in photos])
            words = [{**plain, **concepts} for plain, concepts in zip(words, predicted, strict=True)]
        return Encoding(words, projected)

    def describe(self, word: str) -> str:
        """Say a concept as people write it, any other word as the base does."""
        prefix, _, name = word.partition(":")
        return self.concepts.describe(name) if self.concepts and prefix == PREFIX else self.base.describe(word)

    def names(self, words: Words) -> dict[str, float]:
        """What the base names."""
        return self.base.names(words)

    def with_totals(self, totals: Mapping[str, float]) -> "FittedEncoder":
        """The same with other totals for the kinds of the base and for the concepts."""
        concepts = self.concepts
        if concepts:
            concepts = replace(concepts, total=float(totals.get(PREFIX, concepts.total)))
        return FittedEncoder(self.base.with_totals(totals), self.axes, concepts)

    def _digest(self) -> str:
        digest = hashlib.sha256(self.base.id.encode())
        for array in self.axes:
            digest.update(array.tobytes())
        if self.concepts:
            listed = "\n".join(self.concepts.words)
            digest.update(f"{listed}\n{self.concepts.total:g}".encode())
            for part in (self.concepts.coefficients, self.concepts.hashes, self.concepts.folds):
                digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()[:8]
