"""Renditions: small copies of a photo for pages to show, with nothing in them but the picture."""

from collections.abc import Mapping
from io import BytesIO
from typing import Final

from PIL import Image

from common.arrays import UInt8
from vision.decoding.decode import decode_larger
from vision.errors import PhotoError

SMALL: Final = 320
LARGE: Final = 1600
SIZES: Final = (SMALL, LARGE)  # pixels of the longest side
Renditions = Mapping[int, bytes]
"""JPEG files by their size."""
_QUALITY: Final = 82  # WebP would save half of the bytes and cost ten times as long


def decode_with_renditions(data: bytes, target: int) -> tuple[UInt8, Renditions]:
    """Decode a photo once: to pixels whose short side is about `target`, and to its renditions."""
    pixels, larger = decode_larger(data, target=target, longest=LARGE)
    return pixels, make_renditions(larger)


def make_renditions(pixels: UInt8) -> Renditions:
    """Copies of each size, never enlarged; made from pixels, so that no note of the file can come along."""
    try:
        photo = Image.fromarray(pixels)
        return {size: _jpeg(_bounded(photo, size)) for size in SIZES}
    except MemoryError as error:
        raise PhotoError(
            "photo_too_many_pixels", "the photo takes more memory than there is for it; send a smaller copy"
        ) from error


def _bounded(photo: Image.Image, longest: int) -> Image.Image:
    scale = min(1.0, longest / max(photo.size))
    size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    return photo if size == photo.size else photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _jpeg(photo: Image.Image) -> bytes:
    file = BytesIO()
    photo.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
