"""The `patches` encoder: words for the colours, edges and textures of a photo and where they lie.

It sees colours and textures, not objects: a beach and a desert may share most of their words. It needs no network and
no download, so it is what runs out of the box; an encoder with a trained network finds more.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import numpy as np
from PIL import Image

from common.arrays import Float64, Index
from vision.encoder import TOTAL, Encoder, Encoding, Pixels
from vision.patches import light, texture
from vision.patches.palette import COLOURS, load_palette

SHORT_SIDE: Final = 128
LONG_SIDE: Final = 192
# Halved twice, a picture must still have a pixel with eight neighbours.
_LEAST_SIDE: Final = 12
# A lighter word says next to nothing, and every word of a Document costs time in each pass of the model.
_LEAST_SHARE: Final = 0.0025
_THIRDS: Final = ("top", "middle", "bottom")
_POSITIONS: Final = {
    "top": "at the top",
    "middle": "in the middle",
    "bottom": "at the bottom",
    "centre": "in the centre",
}
_EDGES: Final = tuple(f"{edge}@{third}" for third in _THIRDS for edge in texture.EDGES)
_SHAPES: Final = tuple(f"{contrast}-{shape}" for shape in texture.SHAPES for contrast in texture.CONTRASTS)
# Families of words in the order of their histograms, each with its share of a photo. The shares were tried on photos
# with captions: nearest neighbours by these words have captions twice as alike as strangers'.
_FAMILIES: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (0.10, tuple(f"colour:{name}" for name in COLOURS)),
    (0.30, tuple(f"colour:{name}@{third}" for third in _THIRDS for name in COLOURS)),
    (0.10, tuple(f"colour:{name}@centre" for name in COLOURS)),
    (0.10, tuple(f"edge:{name}" for name in _EDGES)),
    (0.10, tuple(f"outline:{name}" for name in _EDGES)),
    (0.10, tuple(f"texture:fine-{name}" for name in _SHAPES)),
    (0.10, tuple(f"texture:coarse-{name}" for name in _SHAPES)),
    (0.05, tuple(f"texture:broad-{name}" for name in _SHAPES)),
    (0.05, tuple(light.PHRASES)),
)
_SIZE: Final = sum(len(words) for _, words in _FAMILIES)


class PatchesEncoder(Encoder):
    """Visual words from the pixels alone; the weights of one photo sum to `total`."""

    name: ClassVar[str] = "patches"

    def __init__(self, total: float = TOTAL) -> None:
        self._palette = load_palette()
        self._total = total

    @property
    def id(self) -> str:
        """Name and version of the words: another version means other words or weights."""
        return f"{self.name}-2" if self._total == TOTAL else f"{self.name}-2*{self._total:g}"

    @property
    def side(self) -> int:
        """It looks at small photos: a JPEG is unpacked at a part of its size for it, in a fraction of the time."""
        return SHORT_SIDE

    @property
    def by_name(self) -> str:
        """It needs nothing, so it may work wherever photos are decoded."""
        return self.name

    @property
    def totals(self) -> Mapping[str, float]:
        """All its words are of one kind."""
        return {self.name: self._total}

    def see(self, photos: Sequence[Pixels]) -> Encoding:
        """Give the words of each photo; the features are the levelled shares of all words, also of the lightest."""
        shares = [self._shares(photo) for photo in photos]
        features = np.array([np.concatenate(of_photo) for of_photo in shares], dtype=np.float32)
        return Encoding([self._words(of_photo) for of_photo in shares], features.reshape(len(photos), _SIZE))

    def describe(self, word: str) -> str:
        """Say a visual word for people: "colour:sky-blue@top" is "sky blue at the top"."""
        if word in light.PHRASES:
            return light.PHRASES[word]
        kind, _, rest = word.partition(":")
        name, _, position = rest.partition("@")
        text = name.replace("-", " ")
        if kind in ("edge", "outline", "texture"):
            text = f"no {kind}s" if name == "none" else f"{text} {kind}{'' if kind == 'texture' else 's'}"
        return f"{text} {_POSITIONS[position]}" if position in _POSITIONS else text

    def with_totals(self, totals: Mapping[str, float]) -> "PatchesEncoder":
        """The same with another total."""
        return PatchesEncoder(totals.get(self.name, self._total))

    def _shares(self, photo: Pixels) -> list[Float64]:
        """The share of each word of each family; all sum to 1."""
        shares = []
        for (share, _), histogram in zip(_FAMILIES, self._histograms(_shrink(photo)), strict=True):
            # The root levels: a clear sky shall not silence the boat below it.
            levelled = np.sqrt(histogram)
            shares.append(levelled * (share / levelled.sum()))
        return shares

    def _words(self, shares: Sequence[Float64]) -> dict[str, float]:
        weights: dict[str, float] = {}
        for (_, words), histogram in zip(_FAMILIES, shares, strict=True):
            heavy = np.flatnonzero(histogram >= _LEAST_SHARE)
            weights.update((words[at], float(histogram[at])) for at in heavy)
        if not self._total:
            return {}
        scale = self._total / sum(weights.values())
        return {word: round(weight * scale, 4) for word, weight in weights.items()}

    def _histograms(self, pixels: Pixels) -> tuple[Float64, ...]:
        # Whole numbers: the same words on every machine, whatever its arithmetic units do with fractions.
        grey = ((pixels @ np.array((77, 150, 29), dtype=np.uint16)) >> 8).astype(np.float32)
        half = texture.halve(grey)
        return (
            *self._colours(pixels),
            texture.edge_histogram(grey),
            texture.edge_histogram(half),
            texture.shape_histogram(grey),
            texture.shape_histogram(half),
            texture.shape_histogram(texture.halve(half)),
            light.light_histogram(pixels, grey),
        )

    def _colours(self, pixels: Pixels) -> tuple[Float64, Float64, Float64]:
        codes = self._palette.codes(pixels)
        height, width = codes.shape
        cells = codes + (texture.bands_of(height) << 15)[:, None]
        counted = np.bincount(cells.ravel(), minlength=texture.BANDS << 15).reshape(texture.BANDS, -1)
        bands = np.stack([self._named(counts) for counts in counted])
        centre = codes[height // 4 : height - height // 4, width // 4 : width - width // 4]
        middle = self._named(np.bincount(centre.ravel(), minlength=1 << 15))
        return bands.sum(axis=0), bands.ravel(), middle

    def _named(self, counts: Index) -> Float64:
        present = np.flatnonzero(counts)
        weights = counts[present][:, None] * self._palette.shares[present]
        nearest = self._palette.nearest[present]
        return np.bincount(nearest.ravel(), weights.ravel(), minlength=len(COLOURS)).astype(np.float64)


def _shrink(photo: Pixels) -> Pixels:
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or not photo.size:
        raise ValueError(
            f"a photo of shape {photo.shape} and type {photo.dtype}, expected height x width x 3 of uint8; "
            "pass what decode returns"
        )
    height, width = photo.shape[:2]
    scale = min(1.0, SHORT_SIDE / min(height, width))
    # Shares of pixels do not mind when a panorama is squeezed, and the time stays bounded.
    size = tuple(max(_LEAST_SIDE, min(LONG_SIDE, round(side * scale))) for side in (width, height))
    if size == (width, height):
        return photo
    return np.asarray(Image.fromarray(photo).resize((size[0], size[1]), Image.Resampling.BOX))
