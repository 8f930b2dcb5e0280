"""What numbers with names, such as the age of the youngest face, tell beside a photo's features."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from common.arrays import Float32, Float64
from compliance.errors import DetectorError

_FARTHEST: Final = 4.0  # spreads from what is usual: beyond, a number tells no more


class EvidenceWeight(NamedTuple):
    """What is usual for a number, how far it spreads, and how much one spread more tells for a child."""

    mean: float
    spread: float
    weight: float


class EvidenceWeights(NamedTuple):
    """How much each number tells, by its name, beside the log-odds of the features alone."""

    weights: Mapping[str, EvidenceWeight]
    slope: float
    offset: float

    def odds(self, features: Float64, numbers: Float32 | None) -> Float64:
        """The log-odds that each photo shows a child, from those by its features and its row of numbers."""
        if numbers is None or numbers.shape != (len(features), len(self.weights)):
            shape = "none" if numbers is None else f"rows of the shape {numbers.shape}"
            raise DetectorError(
                f"The detector learned from {len(self.weights)} numbers beside the features, here are {shape}: "
                "set `evidence` as it was, or train again (`photosense compliance train`)."
            )
        means, spreads, weights = np.array(list(self.weights.values()), np.float64).reshape(-1, 3).T
        return np.asarray(self.slope * features + self.offset + standardised(numbers, means, spreads) @ weights)


def standardised(numbers: Float32, means: Float64, spreads: Float64) -> Float64:
    """Numbers as spreads from what is usual."""
    return np.asarray(np.clip((numbers - means) / spreads, -_FARTHEST, _FARTHEST), np.float64)


def read_evidence_weights(written: Mapping[str, Any]) -> EvidenceWeights:
    """Read what JSON holds of them; numbers that are none are a ValueError."""
    weights = {
        name: EvidenceWeight(**{key: float(value) for key, value in row.items()})
        for name, row in written["weights"].items()
    }
    read = EvidenceWeights(weights, float(written["slope"]), float(written["offset"]))
    numbers = [read.slope, read.offset, *(number for weight in weights.values() for number in weight)]
    if not all(map(math.isfinite, numbers)) or any(weight.spread <= 0 for weight in weights.values()):
        raise ValueError("its evidence has weights that are no numbers")
    return read


def plain_evidence_weights(weights: EvidenceWeights) -> dict[str, Any]:
    """Write them as JSON does, for a person to read too."""
    table = {name: weight._asdict() for name, weight in weights.weights.items()}
    return {"slope": weights.slope, "offset": weights.offset, "weights": table}
