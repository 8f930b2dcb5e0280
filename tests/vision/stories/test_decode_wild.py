"""Hostile bytes: whatever is sent, pixels or a PhotoError come out."""

import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vision.decoding.decode import decode
from vision.errors import PhotoError

REASONS = {
    "photo_empty",
    "photo_too_large",
    "photo_too_many_pixels",
    "photo_too_narrow",
    "photo_unsupported",
    "photo_broken",
}
SIGNATURES = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\x40\0\0\0WEBPVP8X",
    b"\0\0\0\x18ftypavif\0\0\0\0mif1",
]


def seed(format_: str) -> bytes:
    """A small sound photo to spoil."""
    values = np.random.default_rng(3).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    options = {} if format_ == "GIF" else {"exif": exif}
    Image.fromarray(values).resize((32, 24), Image.Resampling.BICUBIC).save(out, format_, **options)
    return out.getvalue()


SEEDS = {format_: seed(format_) for format_ in ("JPEG", "PNG", "GIF", "WEBP")}


def check(data: bytes) -> None:
    """Pixels of a sound shape, or a PhotoError with a known reason and a message."""
    with warnings.catch_warnings():
        # A warning about odd metadata is Pillow's right; here it must not hide what comes out.
        warnings.simplefilter("ignore")
        try:
            pixels = decode(data, target=32, max_pixels=1_000_000)
        except PhotoError as error:
            refusal = error
        else:
            assert pixels.dtype == np.uint8
            assert pixels.shape[2:] == (3,)
            return
    assert refusal.reason in REASONS
    assert refusal.message


@settings(deadline=None)
@given(data=st.binary(max_size=400))
def test_random_bytes_never_escape(data: bytes) -> None:
    """Noise is refused in our words."""
    check(data)


@settings(deadline=None)
@given(signature=st.sampled_from(SIGNATURES), data=st.binary(max_size=400))
def test_noise_behind_a_signature_never_escapes(signature: bytes, data: bytes) -> None:
    """A true signature before noise is refused in our words as well."""
    check(signature + data)


@pytest.mark.parametrize("format_", sorted(SEEDS))
@settings(deadline=None)
@given(data=st.data())
def test_spoiled_photos_never_escape(format_: str, data: st.DataObject) -> None:
    """Bytes changed, cut out or inserted in a sound photo lead to pixels or to a PhotoError."""
    photo = bytearray(SEEDS[format_])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(photo) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                photo[at] = data.draw(st.integers(0, 255))
            case "cut":
                del photo[at : at + data.draw(st.integers(1, 8))]
            case _:
                photo[at:at] = data.draw(st.binary(min_size=1, max_size=8))
    check(bytes(photo))
