"""Evidence that no person reads: the features of a further network, which the detector compares with those it knows."""

from collections.abc import Sequence

import numpy as np

from vision.encoder import Pixels
from vision.evidence.evidence import EvidenceRows
from vision.networks.network_encoder import NetworkEncoder


class FurtherFeatures:
    """A network that is described like an encoder, without words."""

    names: tuple[str, ...] = ()

    def __init__(self, network: NetworkEncoder) -> None:
        self.id = network.id
        self._network = network

    @property
    def side(self) -> int:
        """As the network wants it."""
        return self._network.side

    def measure(self, photos: Sequence[Pixels]) -> EvidenceRows:
        """Give the features of photos."""
        return EvidenceRows(np.zeros((len(photos), 0), np.float32), self._network.features(photos))
