"""Edges and fine structure of a grey picture, as histograms."""

from typing import Final

import numpy as np

from common.arrays import Float32, Float64, Index

BANDS: Final = 3
EDGES: Final = (
    "none",
    "faint-vertical",
    "faint-rising",
    "faint-horizontal",
    "faint-falling",
    "sharp-vertical",
    "sharp-rising",
    "sharp-horizontal",
    "sharp-falling",
)
# By how many neighbours are brighter, 0 to 8, where these lie together; speckle where they do not.
SHAPES: Final = ("plain", "tip", "nook", "bend", "line", "curve", "corner", "gap", "pit", "speckle")
CONTRASTS: Final = ("smooth", "soft", "rough", "harsh")
_DIRECTIONS: Final = 4
# Grey levels a pixel: below the first is camera noise and sky, above the second an outline that a person would draw.
_FAINT: Final = 4.0
_SHARP: Final = 24.0
_SPREADS: Final = (10.0, 28.0, 70.0)
# A neighbour must be brighter by this much, else flat areas would turn noise into texture.
_STEP: Final = 3.0
_NEIGHBOURS: Final = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))


def edge_histogram(grey: Float32) -> Float64:
    """Count the share of pixels by third, and by strength and direction of the edge there: BANDS x EDGES, flat."""
    right = (grey[1:-1, 2:] - grey[1:-1, :-2]) / 2
    down = (grey[2:, 1:-1] - grey[:-2, 1:-1]) / 2
    strength = right * right + down * down
    # An edge runs across its gradient, and light-to-dark is the same edge as dark-to-light: half a turn in four parts.
    turn = np.arctan2(down, right) * (_DIRECTIONS / np.pi)
    lower = np.floor(turn)
    upper_share = turn - lower
    lower_at = lower.astype(np.intp) % _DIRECTIONS
    base = 1 + _DIRECTIONS * (strength >= _SHARP**2)
    flat = strength < _FAINT**2
    first = np.where(flat, 0, base + lower_at)
    second = np.where(flat, 0, base + (lower_at + 1) % _DIRECTIONS)
    cells = np.stack((first, second)) + (bands_of(len(flat)) * len(EDGES))[:, None]
    shares = np.stack((1 - upper_share, upper_share))
    return np.bincount(cells.ravel(), shares.ravel(), minlength=BANDS * len(EDGES)).astype(np.float64) / flat.size


def shape_histogram(grey: Float32) -> Float64:
    """Count the share of pixels by local pattern (rotation-free uniform LBP) and contrast: SHAPES x CONTRASTS, flat."""
    height, width = grey.shape[0] - 2, grey.shape[1] - 2
    around = np.stack([grey[y : y + height, x : x + width] for y, x in _NEIGHBOURS])
    brighter = around > grey[1:-1, 1:-1] + _STEP
    count = brighter.sum(axis=0, dtype=np.intp)
    changes = (brighter != np.roll(brighter, 1, axis=0)).sum(axis=0, dtype=np.intp)
    shape = np.where(changes <= 2, count, len(SHAPES) - 1)
    spread = np.searchsorted(_SPREADS, around.max(axis=0) - around.min(axis=0))
    codes: Index = shape * len(CONTRASTS) + spread
    return np.bincount(codes.ravel(), minlength=len(SHAPES) * len(CONTRASTS)) / codes.size


def halve(grey: Float32) -> Float32:
    """Shrink a picture to half its size, each pixel the mean of four."""
    height, width = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
    even = grey[:height, :width]
    mean: Float32 = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) * np.float32(0.25)
    return mean


def bands_of(height: int) -> Index:
    """Tell which third, from the top, each row belongs to."""
    return np.arange(height) * BANDS // height
