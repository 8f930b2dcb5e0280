"""What strangers call a photo: each kind of bad file has its reason, decoded here and in a process of its own."""

import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from PIL import Image, features

from tests.vision.decoding.test_decode import halves, noise, png_header, saved
from vision.decoding.decode import decode
from vision.decoding.pool import DecodePool
from vision.encoder import Pixels
from vision.errors import PhotoError

WHOLE = saved(noise((320, 240)), "JPEG", quality=85)
PROGRESSIVE = saved(noise((320, 240)), "JPEG", quality=85, progressive=True)


def png(size: tuple[int, int], rows: bytes) -> bytes:
    """A PNG of grey pixels with such rows."""
    chunks = (
        b"IHDR" + struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0),
        b"IDAT" + zlib.compress(rows, 9),
        b"IEND",
    )
    framed = (struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) for body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def bombs() -> Iterator[ParameterSet]:
    """Little files that would unpack to much."""
    yield pytest.param(png_header(2**31 - 1, 2**31 - 1), "photo_too_many_pixels", id="a PNG of 4 exapixels")
    yield pytest.param(png((8001, 8001), bytes(8002 * 100)), "photo_too_many_pixels", id="a PNG just above the cap")
    head = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x4c\x01\x00;"
    yield pytest.param(head + frame, "photo_too_many_pixels", id="a GIF of 4 gigapixels")
    sof = WHOLE.index(b"\xff\xc0")
    huge = WHOLE[: sof + 5] + struct.pack(">HH", 65500, 65500) + WHOLE[sof + 9 :]
    yield pytest.param(huge, "photo_too_many_pixels", id="a JPEG whose header lies")
    text = b"tEXt" + b"a\0" + bytes(10_000_000)
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    photo = saved(halves(), "PNG")
    yield pytest.param(photo[:33] + chunk + photo[33:], None, id="a PNG with 10 MB of notes")
    packed = b"zTXt" + b"a\0\0" + zlib.compress(bytes(200_000_000), 1)
    chunk = struct.pack(">I", len(packed) - 4) + packed + struct.pack(">I", zlib.crc32(packed))
    yield pytest.param(photo[:33] + chunk + photo[33:], "photo_broken", id="a PNG with notes of 200 MB, packed")


TABLE = [
    pytest.param(b"", "photo_empty", id="no bytes"),
    pytest.param(bytes(5000), "photo_unsupported", id="zeros"),
    pytest.param(b"\xff\xd8\xff" + bytes(5000), "photo_broken", id="zeros behind a signature"),
    pytest.param(b"<!DOCTYPE html><html><body>404</body></html>", "photo_unsupported", id="a web page as .jpg"),
    pytest.param(b'{"error": "not found"}', "photo_unsupported", id="JSON as .jpg"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_unsupported", id="SVG"),
    pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "photo_unsupported", id="EPS"),
    pytest.param(b"%PDF-1.7\n", "photo_unsupported", id="PDF"),
    pytest.param(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "photo_unsupported", id="HEIC"),
    pytest.param(b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", "photo_unsupported", id="a video"),
    pytest.param(b"PK\x03\x04" + bytes(100), "photo_unsupported", id="a zip"),
    pytest.param(b"\xff\xd8\xff" + bytes(20 * 2**20), "photo_too_large", id="20 MB and a little"),
    pytest.param(saved(Image.new("RGB", (1, 1)), "JPEG"), "photo_too_narrow", id="1 x 1"),
    pytest.param(saved(Image.new("L", (1, 60_000)), "PNG"), "photo_too_narrow", id="1 x 60000"),
    pytest.param(saved(Image.new("L", (60_000, 1)), "JPEG"), "photo_too_narrow", id="60000 x 1"),
    pytest.param(saved(Image.new("RGB", (401, 8)), "PNG"), "photo_too_narrow", id="just too long"),
    pytest.param(png((64, 64), b""), "photo_broken", id="a PNG without rows"),
    pytest.param(WHOLE[: len(WHOLE) // 2] + bytes(40) + b"\xff\xd9", None, id="a JPEG with a hole, which is mended"),
    *bombs(),
]


def elsewhere(pool: DecodePool) -> Callable[[bytes], Pixels]:
    """As `decode`, in a process of the pool."""
    return lambda data: pool.submit(data).result(60)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    with DecodePool(1) as pool:
        yield pool


def outcome(decoder: Callable[[bytes], np.ndarray], data: bytes) -> str | None:
    """The reason for which bytes are refused, or None when there are pixels."""
    try:
        decoder(data)
    except PhotoError as error:
        return error.reason
    return None


@pytest.mark.parametrize(("data", "reason"), TABLE)
def test_each_bad_photo_has_its_reason(pool: DecodePool, data: bytes, reason: str | None) -> None:
    """The reason is that of the table, in this process and in another one; the next photo is decoded."""
    assert outcome(decode, data) == reason
    assert outcome(elsewhere(pool), data) == reason
    assert outcome(elsewhere(pool), WHOLE) is None


@pytest.mark.parametrize("share", range(50))
@pytest.mark.parametrize("data", [WHOLE, PROGRESSIVE], ids=["baseline", "progressive"])
def test_a_truncated_jpeg_is_broken(pool: DecodePool, data: bytes, share: int) -> None:
    """Cut at any of fifty points, a JPEG is broken and never half grey."""
    cut = data[: 3 + (len(data) - 6) * share // 50]
    assert outcome(elsewhere(pool), cut) == "photo_broken"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_the_extension_means_nothing(format_: str) -> None:
    """A file is what its first bytes say: PNG bytes that somebody called .jpg decode as PNG."""
    if format_ == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    assert outcome(decode, saved(halves(), format_)) is None


def test_trailing_bytes_do_no_harm() -> None:
    """What is hung on behind a whole photo, as some cameras do, is not looked at."""
    for format_ in ("JPEG", "PNG", "WEBP", "GIF"):
        whole = saved(halves(), format_)
        assert np.array_equal(decode(whole + b"trailer" * 1000), decode(whole))


def test_large_photos_are_decoded_small() -> None:
    """A JPEG of 48 megapixels, 144 MB at full size, never exists so: 64 MB are enough for it, which a PNG exceeds."""
    photo = Image.new("RGB", (8000, 6000), (90, 120, 150))
    with DecodePool(1, memory_mb=64) as pool:
        assert elsewhere(pool)(saved(photo, "JPEG")).shape == (299, 399, 3)
        assert outcome(elsewhere(pool), saved(photo, "PNG")) == "photo_too_many_pixels"
