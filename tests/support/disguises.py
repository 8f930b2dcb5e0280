"""Photos with detail to know them by, and what is done to a photo so that nobody may know it again."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

Disguise = Callable[[Image.Image], Image.Image]


def textured(seed: int) -> Image.Image:
    """A made-up photo: large shapes, small shapes and grain, others for each seed."""
    return _drawn(seed).copy()


@lru_cache(maxsize=64)  # the same twenty are disguised in forty ways
def _drawn(seed: int) -> Image.Image:
    numbers = np.random.default_rng(seed)
    layers = [
        np.asarray(Image.fromarray(numbers.integers(0, 256, (rows, columns, 3), np.uint8)).resize((400, 300)), float)
        for rows, columns in ((3, 4), (6, 8), (12, 16), (48, 64))
    ]
    return Image.fromarray(np.average(layers, axis=0, weights=(4, 3, 2, 1)).clip(0, 255).astype(np.uint8))


def jpeg(photo: Image.Image, quality: int = 85) -> bytes:
    """The file of a photo."""
    file = BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _turn(turn: Image.Transpose) -> Disguise:
    return lambda photo: photo.transpose(turn)


def _border(share: float, colour: str) -> Disguise:
    return lambda photo: ImageOps.expand(photo, round(max(photo.size) * share), colour)


def _crop(left: float, top: float, right: float, bottom: float) -> Disguise:
    """What is left where shares of the photo were cut off its edges."""

    def cut(photo: Image.Image) -> Image.Image:
        width, height = photo.size
        box = width * left, height * top, width * (1 - right), height * (1 - bottom)
        return photo.crop(tuple(map(round, box)))

    return cut


def _band(photo: Image.Image) -> Image.Image:
    """A band of text across the photo."""
    copy = photo.copy()
    draw, (width, height) = ImageDraw.Draw(copy), photo.size
    draw.rectangle((0, height * 0.8, width, height * 0.95), fill="black")
    draw.text((width * 0.1, height * 0.82), "LOOK AT THIS", fill="white", font_size=height * 0.1)
    return copy


def _word(photo: Image.Image) -> Image.Image:
    """A word over the middle of the photo, as a watermark has it."""
    copy = photo.copy()
    width, height = photo.size
    ImageDraw.Draw(copy).text((width * 0.1, height * 0.4), "example.org", fill="white", font_size=height * 0.18)
    return copy


def _chain(*disguises: Disguise) -> Disguise:
    def wear(photo: Image.Image) -> Image.Image:
        for disguise in disguises:
            photo = disguise(photo)
        return photo

    return wear


DISGUISES: Mapping[str, Disguise] = MappingProxyType(
    {
        "recompressed": lambda photo: photo,
        "half the size": lambda photo: photo.reduce(2),
        "mirrored": _turn(Image.Transpose.FLIP_LEFT_RIGHT),
        "upside down": _turn(Image.Transpose.FLIP_TOP_BOTTOM),
        "turned by 90": _turn(Image.Transpose.ROTATE_90),
        "turned by 180": _turn(Image.Transpose.ROTATE_180),
        "turned by 270": _turn(Image.Transpose.ROTATE_270),
        "transposed": _turn(Image.Transpose.TRANSPOSE),
        "transversed": _turn(Image.Transpose.TRANSVERSE),
        "border 2 %, white": _border(0.02, "white"),
        "border 2 %, black": _border(0.02, "black"),
        "border 10 %, white": _border(0.1, "white"),
        "border 10 %, black": _border(0.1, "black"),
        "crop 4 % of each edge": _crop(0.04, 0.04, 0.04, 0.04),
        "crop 10 % of each edge": _crop(0.1, 0.1, 0.1, 0.1),
        "crop 10 % of one edge": _crop(0, 0.1, 0, 0),
        "crop 10 % off the centre": _crop(0.08, 0.01, 0.02, 0.09),
        "crop 20 % of one edge": _crop(0.2, 0, 0, 0),
        "crop 20 % of each edge": _crop(0.2, 0.2, 0.2, 0.2),
        "rotated by 3, black corners": lambda photo: photo.rotate(3, Image.Resampling.BICUBIC),
        "rotated by -3, white corners": lambda photo: photo.rotate(-3, Image.Resampling.BICUBIC, fillcolor="white"),
        "rotated by 3, corners cut": _chain(
            lambda photo: photo.rotate(3, Image.Resampling.BICUBIC), _crop(0.02, 0.035, 0.02, 0.035)
        ),
        "band of text": _band,
        "word across": _word,
        "brighter": lambda photo: ImageEnhance.Brightness(photo).enhance(1.4),
        "darker": lambda photo: ImageEnhance.Brightness(photo).enhance(0.6),
        "grey": lambda photo: photo.convert("L").convert("RGB"),
        "mirrored, crop 10 %": _chain(_turn(Image.Transpose.FLIP_LEFT_RIGHT), _crop(0.08, 0.01, 0.02, 0.09)),
        "turned by 90, border 10 %": _chain(_turn(Image.Transpose.ROTATE_90), _border(0.1, "white")),
        "mirrored, rotated by 3": _chain(
            _turn(Image.Transpose.FLIP_LEFT_RIGHT), lambda photo: photo.rotate(3, Image.Resampling.BICUBIC)
        ),
    }
)
