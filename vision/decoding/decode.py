"""Bytes of a photo to upright RGB pixels of a working size; whatever is wrong with them is a PhotoError."""

from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError, features

from common.arrays import UInt8
from vision.decoding.header import format_of, webp_canvas
from vision.decoding.weight import REDUCING_GAP
from vision.errors import PhotoError

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 64_000_000
MIN_SIDE: Final = 8
MAX_ASPECT: Final = 50

_ORIENTATION_TAG: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def supported_formats() -> tuple[str, ...]:
    """Name the formats that are decoded here; AVIF only where Pillow was built with it."""
    return ("JPEG", "PNG", "WEBP", "GIF", "AVIF") if features.check("avif") else ("JPEG", "PNG", "WEBP", "GIF")


def decode(data: bytes, *, target: int = 299, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> UInt8:
    """Decode a photo to upright height x width x 3 RGB whose short side is about `target`, never enlarged."""
    if target < 1:
        raise ValueError(f"target is {target}, expected at least 1 pixel; pass the encoder's input side, such as 299")
    (pixels,) = _pictures(data, (target,), max_bytes, max_pixels)
    return pixels


def decode_larger(data: bytes, *, target: int, longest: int) -> tuple[UInt8, UInt8]:
    """Decode a photo once, to what `decode` gives, and to a copy whose longest side is at most `longest`."""
    pixels, larger = _pictures(data, (target, longest), MAX_BYTES, MAX_PIXELS)
    return pixels, larger


def _pictures(data: bytes, wanted: tuple[int] | tuple[int, int], max_bytes: int, max_pixels: int) -> list[UInt8]:
    """Pictures by what is wanted: a short side, and the longest side of a further one."""
    format_ = _check_bytes(data, max_bytes, max_pixels)
    try:
        return _decode(data, format_, wanted, max_pixels)
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise PhotoError(
            "photo_too_many_pixels",
            f"the photo unpacks to more pixels than can be held, expected at most {max_pixels}; send a smaller copy",
        ) from error
    # Pillow answers hostile bytes with almost anything: OSError, SyntaxError, struct.error, KeyError, ValueError...
    except Exception as error:
        # Its text for an unknown file holds a memory address: of no use to the sender, and never twice the same.
        unknown = isinstance(error, UnidentifiedImageError)
        what = "its header is damaged" if unknown else str(error) or type(error).__name__
        raise PhotoError(
            "photo_broken",
            f"the {format_} photo does not decode ({what}), expected a whole image file; send it again",
        ) from error


def _check_bytes(data: bytes, max_bytes: int, max_pixels: int) -> str:
    if not data:
        raise PhotoError("photo_empty", "the photo has 0 bytes, expected an image file; send the whole file")
    if len(data) > max_bytes:
        raise PhotoError(
            "photo_too_large", f"the photo has {len(data)} bytes, expected at most {max_bytes}; send a smaller copy"
        )
    known = supported_formats()
    format_ = format_of(data)
    if format_ is None or format_ not in known:
        raise PhotoError(
            "photo_unsupported",
            f"the photo is {format_ or 'of an unknown format'}, expected one of {', '.join(known)}; "
            "convert it and send it again",
        )
    canvas = webp_canvas(data) if format_ == "WEBP" else None
    if canvas:
        _check_size(canvas, max_pixels)
    return format_


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise PhotoError(
            "photo_too_many_pixels",
            f"the photo has {width} x {height} pixels, expected at most {max_pixels} in all; send a smaller copy",
        )
    short, long = sorted(size)
    if short < MIN_SIDE or long > MAX_ASPECT * short:
        raise PhotoError(
            "photo_too_narrow",
            f"the photo is {width} x {height} pixels, expected at least {MIN_SIDE} on each side and at most "
            f"{MAX_ASPECT}:1; send the photo itself, not a line or a tracking pixel",
        )


def _decode(data: bytes, format_: str, wanted: tuple[int] | tuple[int, int], max_pixels: int) -> list[UInt8]:
    # Opening reads the header only: nothing is unpacked before the size is known to be bearable.
    with Image.open(BytesIO(data), formats=[format_]) as photo:
        _check_size(photo.size, max_pixels)
        sides = min(photo.size), max(photo.size)
        sizes = [_scaled(photo.size, length / side) for length, side in zip(wanted, sides, strict=False)]
        turn = _TURNS.get(_orientation(photo))
        photo.draft("RGB", max(sizes))
        photo.load()
        return [_upright(photo, size, turn) for size in sizes]


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    scale = min(1.0, scale)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _upright(photo: Image.Image, size: tuple[int, int], turn: Image.Transpose | None) -> UInt8:
    flat = _to_rgb(photo, size)
    return np.array(flat if turn is None else flat.transpose(turn))


def _orientation(photo: Image.Image) -> int:
    # A photo is not broken because its notes are.
    try:
        return int(photo.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:
        return 1


def _to_rgb(photo: Image.Image, size: tuple[int, int]) -> Image.Image:
    if photo.mode.startswith("I"):
        photo = Image.fromarray((np.asarray(photo).astype(np.uint32) >> 8).astype(np.uint8))
    elif photo.mode != "RGBA" and (photo.mode in ("LA", "PA", "RGBa") or "transparency" in photo.info):
        photo = photo.convert("RGBA")
    elif photo.mode in ("1", "P"):
        photo = photo.convert("RGB")
    if photo.size != size:
        photo = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=REDUCING_GAP)
    if photo.mode == "RGB":
        return photo  # converting would copy
    if photo.mode != "RGBA":
        return photo.convert("RGB")
    white = Image.new("RGBA", photo.size, "white")
    return Image.alpha_composite(white, photo).convert("RGB")
