"""Renditions: small, upright, and nothing but the picture; made wherever the photo is decoded, in one go with that."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ingest.steps.copies import NEAR
from tests.vision.decoding.test_decode import BLUE, RED, halves, near, noise, saved
from vision.decoding.decode import decode
from vision.decoding.pool import DecodePool
from vision.errors import PhotoError
from vision.fingerprint import perceptual
from vision.make_encoder import make_encoder
from vision.rendition import LARGE, SIZES, SMALL, decode_with_renditions

_GPS = 0x8825


def opened(data: bytes) -> Image.Image:
    photo = Image.open(BytesIO(data))
    photo.load()
    return photo


def telling_photo() -> bytes:
    """A photo that lies on its side, and whose notes tell where it was taken, by whom and what with."""
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010E] = "kvorlina, 8 years"
    notes[_GPS] = {1: "N", 2: (59.0, 56.0, 3.0)}
    return saved(halves((640, 480)), "JPEG", exif=notes, comment=b"kvorlina at home", icc_profile=b"kvorlina's screen")


@pytest.mark.parametrize(
    ("size", "format_", "sizes"),
    [
        ((2000, 1000), "JPEG", [(320, 160), (1600, 800)]),
        ((1000, 2000), "PNG", [(160, 320), (800, 1600)]),
        ((400, 300), "WEBP", [(320, 240), (400, 300)]),
        ((100, 60), "GIF", [(100, 60), (100, 60)]),
        ((2000, 50), "JPEG", [(320, 8), (1600, 40)]),
    ],
)
def test_the_longest_side_is_bounded_and_nothing_is_enlarged(
    size: tuple[int, int], format_: str, sizes: list[tuple[int, int]]
) -> None:
    """Of every format and shape comes a JPEG of each size."""
    _, renditions = decode_with_renditions(saved(noise(size), format_), 299)
    assert list(renditions) == list(SIZES)
    photos = [opened(data) for data in renditions.values()]
    assert [photo.size for photo in photos] == sizes
    assert {photo.format for photo in photos} == {"JPEG"}


def test_nothing_comes_along_but_the_picture() -> None:
    """Neither place, nor description, comment or profile, and not a byte of them; and the picture stands upright."""
    data = telling_photo()
    assert opened(data).getexif().get_ifd(_GPS)
    for rendition in decode_with_renditions(data, 299)[1].values():
        photo = opened(rendition)
        assert not photo.getexif()
        assert set(photo.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"kvorlina" not in rendition
        assert photo.height > photo.width
        pixels = np.asarray(photo)
        middle = photo.height // 2
        assert near(pixels[middle, -5], RED)
        assert near(pixels[middle, 5], BLUE)


def test_transparent_photos_lie_on_white() -> None:
    """JPEG knows no transparency."""
    data = saved(Image.new("RGBA", (100, 80), (0, 0, 0, 0)), "PNG")
    assert np.asarray(opened(decode_with_renditions(data, 299)[1][SMALL])).min() > 250


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "JPEG"])
def test_the_encoder_sees_what_it_sees_without(format_: str) -> None:
    """The same pixels; of a JPEG that is read at another scale, so nearly the same."""
    data = saved(noise((160, 120)).resize((1800, 1350)), format_)
    pixels, _ = decode_with_renditions(data, 299)
    alone = decode(data)
    assert pixels.shape == alone.shape
    assert np.abs(pixels.astype(int) - alone).mean() <= (3 if format_ == "JPEG" else 0)
    assert (perceptual(pixels) ^ perceptual(alone)).bit_count() <= NEAR


@pytest.mark.parametrize("sees", [True, False])
def test_the_process_that_decodes_makes_them(sees: bool) -> None:
    """The same bytes as here, whether it sees as well or not; none for who asks for none, and the pool goes on."""
    data = saved(noise((1700, 900)), "JPEG")
    with DecodePool(1, encoder=make_encoder("patches") if sees else None) as pool:
        look = pool.look(data, renditions=True).result(60)
        assert look.renditions == decode_with_renditions(data, 299)[1]
        assert opened(look.renditions[LARGE]).size == (1600, 847)
        assert pool.look_now(data).renditions == {}
        assert pool.look(data).result(60).renditions == {}
        with pytest.raises(PhotoError):
            pool.look(data[:5000], renditions=True).result(60)
        assert pool.look(data, renditions=True).result(60).renditions == look.renditions
