"""Hidden layers: what is learned between what is known of one side and its place, beside the straight map.

A layer is `max(0, rows @ entering + bias) @ leaving`. It is kept as plain arrays; here it is passed through, and its
gradients are worked out.
"""

from dataclasses import dataclass

import numpy as np

from common.arrays import Float32

WIDTH = 1024
DROPPED = 0.2  # of the hidden numbers are left out in each step of learning
_LEAVING = 0.1  # how much a new layer says beside the straight map


def bent(rows: Float32, entering: Float32, bias: Float32) -> Float32:
    """What enters a layer, bent: nothing below 0."""
    return np.asarray(np.maximum(rows @ entering + bias, 0), np.float32)


@dataclass(frozen=True, slots=True)
class HiddenLayer:
    """A hidden layer that learns; its arrays change in place."""

    entering: Float32
    bias: Float32
    leaving: Float32

    @classmethod
    def drawn(cls, size: int, places: int, width: int, rng: np.random.Generator) -> "HiddenLayer":
        """A layer at random that says little yet, for numbers whose spread is about 1."""
        entering = rng.standard_normal((size, width), np.float32) * np.float32((2 / size) ** 0.5)
        leaving = rng.standard_normal((width, places), np.float32) * np.float32(_LEAVING / width**0.5)
        return cls(entering, np.zeros(width, np.float32), leaving)

    @property
    def arrays(self) -> list[Float32]:
        """What is learned."""
        return [self.entering, self.bias, self.leaving]

    def through(self, rows: Float32, rng: np.random.Generator) -> tuple[Float32, Float32]:
        """What the layer adds to the places of rows, and what of it was hidden, some left out at random."""
        hidden = bent(rows, self.entering, self.bias)
        hidden *= (rng.random(hidden.shape, np.float32) >= DROPPED) / np.float32(1 - DROPPED)
        return hidden @ self.leaving, hidden

    def gradients(self, rows: Float32, hidden: Float32, of_places: Float32) -> tuple[list[Float32], Float32]:
        """Of each array, and of the rows that entered, from the gradient of the places."""
        of_hidden = np.asarray((of_places @ self.leaving.T) * (hidden > 0) / np.float32(1 - DROPPED), np.float32)
        of_arrays = [rows.T @ of_hidden, of_hidden.sum(axis=0), hidden.T @ of_places]
        return of_arrays, np.asarray(of_hidden @ self.entering.T, np.float32)
