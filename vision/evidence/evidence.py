"""Evidence of a photo, from networks that the site brings, for whoever judges photos.

Most of it is numbers with names, that a person can read; what is not are features, as those of an encoder.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np

from common.arrays import Float32
from vision.encoder import Features, Pixels
from vision.look import Look


class EvidenceRows(NamedTuple):
    """What was measured in some photos, a row each: numbers with names, and features."""

    numbers: Float32
    features: Features


class EvidenceSource(Protocol):
    """Measures something in photos; what two ids measure are different things."""

    id: str  # name, and a digest of the networks and their description

    @property
    @abstractmethod
    def side(self) -> int:
        """How long the short side of a decoded photo should be."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """What each number is called; none where it gives features alone."""

    @abstractmethod
    def measure(self, photos: Sequence[Pixels]) -> EvidenceRows:
        """Look at height x width x 3 RGB photos, of which there is at least one."""


class PhotoEvidence:
    """What several sources measure, side by side."""

    def __init__(self, sources: Sequence[EvidenceSource] = ()) -> None:
        self._sources = tuple(sources)

    @property
    def id(self) -> str:
        """The ids of all; empty where there is no source."""
        return "+".join(source.id for source in self._sources)

    @property
    def side(self) -> int:
        """What the most demanding one wants; 0 where there is no source."""
        return max((source.side for source in self._sources), default=0)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all numbers."""
        return tuple(name for source in self._sources for name in source.names)

    def measure(self, photos: Sequence[Pixels]) -> EvidenceRows:
        """Let each look at all photos."""
        if not photos or not self._sources:
            return EvidenceRows(np.zeros((len(photos), len(self.names)), np.float32), _none(photos))
        rows = [source.measure(photos) for source in self._sources]
        return EvidenceRows(*(np.concatenate(parts, axis=1) for parts in zip(*rows, strict=True)))

    def beside(self, features: Features, looks: Sequence[Look]) -> EvidenceRows:
        """The numbers of photos, and the features of an encoder with those of the sources behind them.

        Without sources no pixels are asked for: they may have stayed where they were decoded.
        """
        if not self._sources:
            return EvidenceRows(np.zeros((len(features), 0), np.float32), features)
        numbers, further = self.measure([look.needed for look in looks])
        return EvidenceRows(numbers, np.concatenate([features, further], axis=1) if len(further) else features)


NO_EVIDENCE: Final = PhotoEvidence()


def numbers_alone(rows: Sequence[Sequence[float]]) -> EvidenceRows:
    """Rows of a source that gives no features."""
    return EvidenceRows(np.array(rows, np.float32), _none(rows))


def _none(rows: Sequence[object]) -> Float32:
    return np.zeros((len(rows), 0), np.float32)
