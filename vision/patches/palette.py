"""Named colours, and for every RGB value its two nearest by eye."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from common.arrays import Float32, Float64, Index, UInt8

COLOURS: Final[dict[str, int]] = {
    "black": 0x0C0C0C,
    "charcoal": 0x383838,
    "grey": 0x6E6E6E,
    "silver": 0xA8A8A8,
    "pale-grey": 0xD4D4D4,
    "white": 0xFAFAFA,
    "maroon": 0x5A1418,
    "red": 0xD01C1C,
    "rose": 0xC8606A,
    "pink": 0xF0A8B8,
    "magenta": 0xD030A0,
    "purple": 0x7A2C92,
    "plum": 0x3C2040,
    "lavender": 0xB4A4D8,
    "mauve": 0x8A7084,
    "navy": 0x141C4C,
    "blue": 0x2048C0,
    "steel-blue": 0x54708C,
    "azure": 0x3C90E0,
    "sky-blue": 0x98C4EC,
    "slate": 0x2C3C48,
    "turquoise": 0x28C0C0,
    "teal": 0x186868,
    "mint": 0xA8E0C0,
    "green": 0x2C9838,
    "dark-green": 0x183818,
    "sage": 0x788C6C,
    "grass": 0x5C8428,
    "lime": 0xA4D038,
    "olive": 0x505020,
    "khaki": 0xB0A468,
    "yellow": 0xF4DC28,
    "gold": 0xD09C20,
    "orange": 0xF08020,
    "peach": 0xF0C4A0,
    "cream": 0xF0E8C8,
    "tan": 0xC09870,
    "taupe": 0x7C6C5C,
    "brown": 0x845028,
    "dark-brown": 0x3C2818,
}
# Five bits a channel: finer than the eye tells the named colours apart, and the table stays small.
_LEVELS: Final = 32


@dataclass(frozen=True, slots=True)
class Palette:
    """For each of 32768 coarse RGB values the two nearest colours and their shares, which sum to 1."""

    nearest: Index
    shares: Float32

    def codes(self, pixels: UInt8) -> Index:
        """Find the row of the table for each RGB pixel."""
        coarse = (pixels >> 3).astype(np.intp)
        return coarse[..., 0] << 10 | coarse[..., 1] << 5 | coarse[..., 2]


@cache
def load_palette() -> Palette:
    """Work out the table of nearest colours; once in a process, as it depends on nothing."""
    step = np.arange(_LEVELS) * 8 + 4
    grid = np.stack(np.meshgrid(step, step, step, indexing="ij"), axis=-1).reshape(-1, 3)
    named = np.array([[rgb >> 16, rgb >> 8 & 255, rgb & 255] for rgb in COLOURS.values()])
    squared = ((_lab(grid)[:, None] - _lab(named)[None]) ** 2).sum(axis=2)
    nearest = np.argsort(squared, axis=1, kind="stable")[:, :2]
    near = np.take_along_axis(squared, nearest, axis=1)
    shares = near[:, ::-1] / near.sum(axis=1, keepdims=True)
    return Palette(nearest, shares.astype(np.float32))


def _lab(rgb: npt.NDArray[np.int_]) -> Float64:
    """Convert to CIE L*a*b* under D65, where distance is close to what an eye sees."""
    value = rgb / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    cube = np.where(ratio > 216 / 24389, np.cbrt(ratio), ratio * 24389 / 3132 + 4 / 29)
    x, y, z = cube[:, 0], cube[:, 1], cube[:, 2]
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=1)
