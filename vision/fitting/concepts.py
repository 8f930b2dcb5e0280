"""Concepts: words that a site's own captions would use for a photo, predicted from what a network sees in it.

A photo whose captions taught the prediction would be told its own captions, and a topic model would trust such words
far too much. So each photo that taught is predicted by a regression that did not learn from it, nor from its copies:
the concepts know the photos that taught them by what they look like, and to which fifth each of them belongs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from common.arrays import Float32, UInt8, UInt64
from vision.encoder import TOTAL, Words, strongest
from vision.errors import EncoderError
from vision.fitting.regression import learn_ridge

PREFIX: Final = "concept"
FOLDS: Final = 5
KEEP: Final = 80
LEAST_PHOTOS: Final = 15
MOST_WORDS: Final = 2000
# 3000 for the 3560 features that it was found with; the more of them say the same, the more must be held back.
ALPHA_PER_FEATURE: Final = 0.85
# Tried on 3,000 photos: smaller and recompressed copies differ in 8 bits at most, strangers come as near once in 200
# times. A stranger taken for a copy does no harm, any fold's regression serves; a copy taken for a stranger does.
_BITS_APART: Final = 8


def concepts_in(words: Mapping[str, float]) -> dict[str, float]:
    """Find the concepts among visual words, as the words that people would use."""
    return {word.removeprefix(f"{PREFIX}:"): weight for word, weight in words.items() if word.startswith(f"{PREFIX}:")}


@dataclass(frozen=True, slots=True)
class ConceptSettings:
    """How concepts are learned: words with at least so many photos, at most so many words, held back by alpha."""

    least_photos: int = LEAST_PHOTOS
    most_words: int = MOST_WORDS
    alpha: float | None = None


@dataclass(frozen=True, slots=True)
class Concepts:
    """The words, their readable forms, a regression for each fold, and the photos that taught with their folds."""

    words: tuple[str, ...]
    labels: Mapping[str, str]
    coefficients: Float32
    hashes: UInt64
    folds: UInt8
    total: float = TOTAL

    def predict(self, projected: Float32, hashes: Sequence[int]) -> list[Words]:
        """Give the concepts of photos from their features along the axes and their perceptual hashes."""
        words = []
        for row, which in zip(projected, self.regressions(hashes), strict=True):
            kept, weights = strongest(row @ self.coefficients[which], KEEP, self.total)
            words.append({f"{PREFIX}:{self.words[at]}": weight for at, weight in zip(kept, weights, strict=True)})
        return words

    def regressions(self, hashes: Sequence[int]) -> list[int]:
        """Which regression each photo is predicted by: 1 + its fold when it taught, or a copy of it did, else 0."""
        return [0 if (at := nearest_copy(value, self.hashes)) is None else 1 + int(self.folds[at]) for value in hashes]

    def describe(self, name: str) -> str:
        """A concept as people write it."""
        return self.labels.get(name, name)


def learn_concepts(
    projected: Float32,
    features: int,
    captions: Sequence[Sequence[Iterable[str]]],
    hashes: Sequence[int],
    settings: ConceptSettings,
) -> tuple[tuple[str, ...], Float32, UInt8]:
    """Learn from the places of photos along the axes of so many features, and the words of each of their captions."""
    counts = [Counter(word for caption in of_photo for word in set(caption)) for of_photo in captions]
    photos_with = Counter(word for of_photo in counts for word in of_photo)
    common = sorted((-photos, word) for word, photos in photos_with.items() if photos >= settings.least_photos)
    words = tuple(sorted(word for _, word in common[: settings.most_words]))
    if not words:
        raise EncoderError(
            f"No word is used of {settings.least_photos} photos or more among {len(captions)}: give more posts with "
            "captions, or ask for less with --least-photos."
        )
    column = {word: at for at, word in enumerate(words)}
    shares = np.zeros((len(captions), len(words)), np.float32)
    for row, (of_photo, texts) in enumerate(zip(counts, captions, strict=True)):
        for word, count in of_photo.items():
            if word in column:
                shares[row, column[word]] = count / len(texts)
    folds = fold_photos(hashes)
    alpha = ALPHA_PER_FEATURE * features if settings.alpha is None else settings.alpha
    return words, learn_ridge(projected, shares, folds, FOLDS, alpha), folds


def fold_photos(hashes: Sequence[int]) -> UInt8:
    """Deal photos out to the folds in turn; copies of one photo go to the same."""
    known = np.array(hashes, np.uint64)
    folds = np.zeros(len(hashes), np.uint8)
    dealt = 0
    for at, value in enumerate(hashes):
        earlier = nearest_copy(value, known[:at])
        if earlier is None:
            folds[at] = dealt % FOLDS
            dealt += 1
        else:
            folds[at] = folds[earlier]
    return folds


def nearest_copy(value: int, known: UInt64) -> int | None:
    """The place of the photo that looks the same but for a few bits, the first of the nearest; None without any."""
    if not len(known):
        return None
    apart = np.bitwise_count(known ^ np.uint64(value))
    at = int(apart.argmin())
    return at if apart[at] <= _BITS_APART else None
