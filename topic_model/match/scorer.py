"""Scorer: from the cues of a pair to the probability that it fits; layers of numbers, then a calibration.

A linear regression is one layer, a neural network three with a bend between them: one reader for whatever was learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from common.arrays import Bool, Float64
from common.stats import logistic
from topic_model.match.cues import Cue, Table, columns


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights, inputs x outputs, and what is added."""

    weights: Float64
    bias: Float64


@dataclass(frozen=True, slots=True)
class Logistic:
    """Calibration by a logistic curve (Platt)."""

    slope: float
    offset: float

    def __call__(self, raw: Float64) -> Float64:
        """Turn what was learned into probabilities."""
        return logistic(self.slope * raw + self.offset)

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder."""
        return {"slope": self.slope, "offset": self.offset}


@dataclass(frozen=True, slots=True)
class Isotonic:
    """Calibration by a rising line through knots."""

    at: Float64
    gives: Float64

    def __call__(self, raw: Float64) -> Float64:
        """Turn what was learned into probabilities."""
        return np.interp(raw, self.at, self.gives)

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder."""
        return {"at": self.at.tolist(), "gives": self.gives.tolist()}


Calibration = Logistic | Isotonic


@dataclass(frozen=True, slots=True)
class Scorer:
    """What was learned about pairs that have these cues.

    `low` and `high` are how little and how much of each cue it learned from: beyond them nothing is made up.
    """

    cues: tuple[Cue, ...]
    low: Float64
    high: Float64
    layers: tuple[Layer, ...]
    calibration: Calibration

    def takes(self, table: Table) -> Bool:
        """Which pairs have all of its cues."""
        return np.asarray(~np.isnan(columns(table, self.cues)).any(axis=1))

    def raw(self, table: Table) -> Float64:
        """What the layers say; it means something only after calibration."""
        return forward(self.layers, np.clip(columns(table, self.cues), self.low, self.high))

    def probability(self, table: Table) -> Float64:
        """How likely people are to agree that each pair fits, 0 to 1."""
        return self.calibration(self.raw(table))

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder."""
        layers = [{"weights": layer.weights.tolist(), "bias": layer.bias.tolist()} for layer in self.layers]
        return {
            "cues": list(self.cues),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "layers": layers,
            "calibration": self.calibration.as_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Scorer":
        """Read plain data back; what does not fit together is a ValueError."""
        cues = tuple(Cue(name) for name in plain["cues"])
        layers = tuple(Layer(_array(layer["weights"], 2), _array(layer["bias"], 1)) for layer in plain["layers"])
        low, high = _array(plain["low"], 1), _array(plain["high"], 1)
        width = len(cues)
        if not len(low) == len(high) == width or (low > high).any():
            raise ValueError(f"its bounds are not those of {width} cues")
        for layer in layers:
            if layer.weights.shape != (width, len(layer.bias)):
                raise ValueError(f"a layer is {layer.weights.shape}, {(width, len(layer.bias))} would fit")
            width = len(layer.bias)
        if not layers or width != 1:
            raise ValueError("its last layer does not give one number")
        return cls(cues, low, high, layers, _calibration(plain["calibration"]))


def forward(layers: Sequence[Layer], values: Float64) -> Float64:
    """Pass rows through layers, what is below zero cut off between them; one number a row."""
    for index, layer in enumerate(layers):
        values = (np.maximum(values, 0.0) if index else values) @ layer.weights + layer.bias
    return np.asarray(values[:, 0])


def _calibration(plain: Mapping[str, Any]) -> Calibration:
    if "slope" in plain:
        slope, offset = _array([plain["slope"], plain["offset"]], 1)
        return Logistic(float(slope), float(offset))
    at, gives = _array(plain["at"], 1), _array(plain["gives"], 1)
    rises = len(at) == len(gives) > 0 and (np.diff(at) > 0).all() and (np.diff(gives) >= 0).all()
    if not rises or gives[0] < 0 or gives[-1] > 1:
        raise ValueError("its calibration is no rising line of probabilities")
    return Isotonic(at, gives)


def _array(plain: Any, dimensions: int) -> Float64:
    array = np.asarray(plain, np.float64)
    if array.ndim != dimensions or not np.isfinite(array).all():
        raise ValueError("it holds numbers that are none, or in another shape")
    return array
