"""The picture plane: its size, its randomness, and the few units in which every scene measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from common.arrays import AnyFloat, UInt8

Array = AnyFloat
Colour = AnyFloat
Draw = Callable[[np.random.Generator, int, int], UInt8]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """A picture to be drawn, or a part of one: then left and top say where it lies, and scale is the whole's unit."""

    rng: np.random.Generator
    width: int
    height: int
    left: int = 0
    top: int = 0
    scale: float = 0.0

    @property
    def unit(self) -> float:
        """Pixels here for one pixel of a 360 px photo, so that scenes look alike at any size."""
        return self.scale or min(self.width, self.height) / 360

    def around(self, picture: Array, x: float, y: float, reach: float) -> tuple["View", Array]:
        """The part of the picture within so many pixels of a point: cheaper to paint on than the whole."""
        left, right = (int(min(max(x + side, 0), self.width)) for side in (-reach, reach + 1))
        top, bottom = (int(min(max(y + side, 0), self.height)) for side in (-reach, reach + 1))
        part = View(self.rng, right - left, bottom - top, left, top, self.unit)
        return part, picture[top:bottom, left:right]

    @property
    def x(self) -> Array:
        """Column centres as a row of the picture."""
        return np.arange(self.left, self.left + self.width, dtype=np.float32)[None, :] + 0.5

    @property
    def y(self) -> Array:
        """Row centres as a column of the picture."""
        return np.arange(self.top, self.top + self.height, dtype=np.float32)[:, None] + 0.5

    def pick(self, low: float, high: float) -> float:
        """A number between the two."""
        return float(self.rng.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return bool(self.rng.random() < share)

    def choose(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(self.rng.integers(len(options)))]


def rgb(code: str) -> Colour:
    """The colour of a hex code such as `#ffcc88`, each channel from 0 to 1."""
    digits = code.lstrip("#")
    return np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)], dtype=np.float32)


def mix(first: Array, second: Array, share: Array | float) -> Array:
    """The first where share is 0, the second where it is 1; colours at the last axis."""
    weight = np.asarray(share, dtype=np.float32)
    if weight.ndim:
        weight = weight[..., None]
    return np.asarray(first + (second - first) * weight, dtype=np.float32)


def smooth(low: float, high: float, value: Array) -> Array:
    """An S-curve from 0 at low to 1 at high (low may be the larger one)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
