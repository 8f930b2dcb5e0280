"""What every encoder of photos offers: visual words with weights, and the features that they came from."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from common.arrays import AnyFloat, Float32, Index, UInt8

Pixels = UInt8
Features = Float32
Words = dict[str, float]

SIDE: Final = 299  # what photos are decoded to unless an encoder wants them larger
TOTAL: Final = 200.0  # what the words of one kind weigh in a photo unless told otherwise


@dataclass(frozen=True, slots=True)
class Encoding:
    """What was seen in some photos, in the order given: words with weights, and a row of features for each."""

    words: list[Words]
    features: Features


class Encoder(Protocol):
    """Turns decoded photos into visual words with weights; words of two ids never mix in one model."""

    @property
    @abstractmethod
    def id(self) -> str:
        """Name and version of the words, such as "patches-1": all that decides which words a photo gets is in it."""

    @property
    def side(self) -> int:
        """How long the short side of a decoded photo should be."""
        return SIDE

    @property
    def by_name(self) -> str | None:
        """The name by which, with its totals, any process can make it at once; None when it needs a file or more."""
        return None

    @property
    @abstractmethod
    def totals(self) -> Mapping[str, float]:
        """What the words of each kind weigh in one photo; the kinds of encoders that work together must differ."""

    @abstractmethod
    def see(self, photos: Sequence[Pixels]) -> Encoding:
        """Give words and features of each height x width x 3 RGB photo, looking at it once."""

    @abstractmethod
    def describe(self, word: str) -> str:
        """Say a word of this encoder in short words for people."""

    @abstractmethod
    def with_totals(self, totals: Mapping[str, float]) -> "Encoder":
        """The same with other totals for some kinds, 0 to leave one out; kinds of other encoders may be named too."""

    def names(self, words: Words) -> dict[str, float]:  # noqa: ARG002 - see those that know names
        """What is surely seen in a photo of these words, as people call it, and how surely, 1 at most."""
        return {}

    def encode(self, photos: Sequence[Pixels]) -> list[Words]:
        """Give the visual words with weights of each photo."""
        return self.see(photos).words

    def features(self, photos: Sequence[Pixels]) -> Features:
        """Give what was measured in each photo, a row each, before it became words."""
        return self.see(photos).features


def strongest(weights: AnyFloat, keep: int, total: float) -> tuple[Index, list[float]]:
    """Give the places of the heaviest weights above 0, in order of place, and these scaled to sum to `total`."""
    indices = np.flatnonzero(weights > 0)
    if len(indices) > keep:
        indices = np.sort(indices[np.argsort(-weights[indices], kind="stable")[:keep]])
    kept = weights[indices].astype(np.float64)
    scaled = np.round(kept * (total / kept.sum()), 4) if len(indices) else kept
    sound = scaled > 0
    return indices[sound], scaled[sound].tolist()
