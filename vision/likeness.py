"""Likeness: hashes by which a photo is recognised however it was turned, mirrored, framed, cropped or written on.

Of a small grey picture, its brightness evened out, each view (the whole, and parts of it) has a hash of 255 bits: the
signs of its lowest frequencies. What is kept of a photo are seven views. Another photo asks with 81 views of its own,
each in its eight turns and mirrors, which need no more pixels: a turn swaps or flips the signs.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from common.arrays import Float32, UInt64

_SIDE: Final = 96
_FREQUENCIES: Final = 16
_BITS: Final = _FREQUENCIES**2
_LOW: Final = 8  # frequencies below it, of both sides, come first: they are compared before all others
_INSETS: Final = (0.0, 0.055, 0.11)  # of each edge; between two of them a hash still is that of the same photo
_SPANS: Final = (*((low, 1 - high) for low, high in product(_INSETS, repeat=2)), (0.2, 0.8), (0.0, 0.8), (0.2, 1.0))
_ASKED: Final = len(_INSETS) ** 2
_WHOLE, _CENTRE, _INNER, _FIRST, _LAST = 0, _ASKED - 1, _ASKED, _ASKED + 1, _ASKED + 2
# Rows and columns: the whole, its middle twice, and what is left where a fifth was cut off one side.
_KEPT: Final = ((0, 0), (_CENTRE,) * 2, (_INNER,) * 2, *((_WHOLE, x) for x in (_FIRST, _LAST)), (_FIRST, 0), (_LAST, 0))
_TELLING: Final = 0.2  # levels of grey; what is less is noise of a plain surface
_TELL: Final = _BITS // 2  # so many frequencies tell: plain walls, skies and ramps are like too much


@dataclass(frozen=True, slots=True)
class Likeness:
    """The hashes that are kept of a photo, and those by which it asks; of plain views there are none but zeros."""

    kept: bytes = b""
    asked: bytes = b""


def likeness_in(grey: Image.Image) -> Likeness:
    """Work out the likeness of a photo in shades of grey."""
    small = grey.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    values = np.asarray(ImageOps.equalize(small), np.float32)
    count = len(_SPANS)
    waves = (_WAVES @ values @ _WAVES.T).reshape(count, _FREQUENCIES, count, _FREQUENCIES).transpose(0, 2, 1, 3)
    kept = np.stack([waves[rows, columns] for rows, columns in _KEPT])
    return Likeness(_hashes(kept), _hashes(waves[:_ASKED, :_ASKED]))


def questions(hashes: bytes) -> UInt64:
    """The hashes of views in their eight turns and mirrors, four words each; without those of plain views."""
    bits = np.unpackbits(np.frombuffer(hashes, np.uint8).reshape(-1, _BITS // 8), axis=1)
    bits = bits[bits.any(axis=1)]
    turned = (np.packbits(each ^ flip, axis=1) for each in (bits, bits[:, _TRANSPOSED]) for flip in _FLIPS)
    return np.concatenate([*turned]).view("<u8").astype(np.uint64)


def _hashes(waves: Float32) -> bytes:
    """Hash views by the signs of their frequencies."""
    flat = waves.reshape(-1, _BITS)[:, _ORDER]
    flat[:, _MEAN] = 0
    telling = (np.abs(flat) > _TELLING).sum(axis=1) >= _TELL
    return np.packbits((flat > 0) & telling[:, None], axis=1).tobytes()


def _cosines(first: float, last: float) -> Float32:
    """The waves of a span of a side, as weights of pixels: those that it cuts count in part."""
    edges = np.arange(_SIDE) / _SIDE
    share = np.clip(np.minimum(edges + 1 / _SIDE, last) - np.maximum(edges, first), 0, None)
    along = np.clip((edges + 0.5 / _SIDE - first) / (last - first), 0, 1)
    waves = np.cos(np.pi * np.arange(_FREQUENCIES)[:, None] * along) * share / share.sum()
    return np.asarray(waves, np.float32)


_WAVES: Final = np.concatenate([_cosines(*span) for span in _SPANS])
_ROWS, _COLUMNS = (axis.ravel() for axis in np.mgrid[:_FREQUENCIES, :_FREQUENCIES])
_MEAN: Final = _LOW**2 - 1  # the place of the mean, which is no frequency: always zero
_ORDER: Final = np.argsort(np.maximum(_ROWS, _COLUMNS) >= _LOW, kind="stable")
_ORDER[: _MEAN + 1] = np.roll(_ORDER[: _MEAN + 1], -1)
_TRANSPOSED: Final = np.argsort(_ORDER)[(_COLUMNS * _FREQUENCIES + _ROWS)[_ORDER]]
_FLIPS: Final = [
    ((_ROWS * down + _COLUMNS * across)[_ORDER] % 2).astype(np.uint8) for down, across in product((0, 1), repeat=2)
]
