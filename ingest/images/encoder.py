"""What every encoder of photos offers, and how one is chosen by name."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from ingest.images.patches import PatchesEncoder


class Encoder(Protocol):
    """Turns decoded photos into visual words with weights; words of two ids never mix in one model."""

    @property
    def id(self) -> str:
        """Name and version of the words, such as "patches-1"."""

    def encode(self, photos: Sequence[npt.NDArray[np.uint8]]) -> list[dict[str, float]]:
        """Give the visual words with weights of each height x width x 3 RGB photo, in the order given."""

    def describe(self, word: str) -> str:
        """Say a word of this encoder in short words for people."""


_ENCODERS: Final[dict[str, Callable[[], Encoder]]] = {PatchesEncoder.name: PatchesEncoder}


def make_encoder(name: str) -> Encoder:
    """Build the encoder of that name."""
    if name not in _ENCODERS:
        known = ", ".join(sorted(_ENCODERS))
        raise ValueError(f"the photo encoder is {name!r}, expected one of: {known}; set it to one of them")
    return _ENCODERS[name]()
