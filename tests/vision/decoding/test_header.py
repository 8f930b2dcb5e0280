"""The format that a file is signed with."""

import pytest

from vision.decoding.header import format_of, gif_extent, webp_canvas


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(b"\xff\xd8\xff\xe0", "JPEG", id="jpeg"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "PNG", id="png"),
        pytest.param(b"RIFF\x10\x00\x00\x00WEBPVP8X", "WEBP", id="webp"),
        pytest.param(b"GIF89a", "GIF", id="gif"),
        pytest.param(b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1miaf", "AVIF", id="avif"),
        pytest.param(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "AVIF", id="avif under a neutral brand"),
        pytest.param(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC", id="heic"),
        pytest.param(b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", "MP4 video", id="mp4"),
        pytest.param(b"%PDF-1.7", "PDF", id="pdf"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0", "EPS", id="eps"),
        pytest.param(b'<?xml version="1.0"?><svg xmlns="x"/>', "SVG", id="svg after an xml line"),
        pytest.param(b"\xef\xbb\xbf\n <svg/>", "SVG", id="svg after a byte order mark"),
        pytest.param(b"<!DOCTYPE html><svg/>", "HTML", id="a page with a drawing in it"),
        pytest.param(b"<svg><title>a boat</title></svg>", "SVG", id="a drawing with a title"),
        pytest.param(b"<rss/>", "XML", id="another xml"),
        pytest.param(b"BM1234", "BMP", id="bmp"),
        pytest.param(b"II*\x00", "TIFF", id="tiff"),
        pytest.param(b"hello", None, id="text"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_format_is_told_from_the_first_bytes(data: bytes, name: str | None) -> None:
    """Each signature is named, also of formats that are then refused."""
    assert format_of(data) == name


@pytest.mark.parametrize(
    ("chunk", "size"),
    [
        pytest.param(b"VP8X" + b"\0" * 8 + b"\xff\x0f\x00\x7f\x02\x00", (4096, 640), id="extended"),
        pytest.param(b"VP8L" + b"\0" * 4 + b"\x2f\xff\xc1\x4f\x00" + b"\0" * 5, (512, 320), id="lossless"),
        pytest.param(b"VP8 " + b"\0" * 10 + b"\x80\x02\xe0\x01", (640, 480), id="lossy"),
        pytest.param(b"ICCP" + b"\0" * 14, None, id="unknown chunk"),
        pytest.param(b"VP8X", None, id="cut off"),
    ],
)
def test_webp_canvas_is_read_without_opening(chunk: bytes, size: tuple[int, int] | None) -> None:
    """Width and height come from the header of all three kinds of WebP."""
    assert webp_canvas(b"RIFF\0\0\0\0WEBP" + chunk) == size


def test_a_gif_is_as_large_as_its_first_picture() -> None:
    """Its screen may say anything: the decoder makes room for the picture."""
    screen = b"GIF89a" + (10).to_bytes(2, "little") * 2 + bytes([0x91, 0, 0]) + bytes(12)
    extension = b"!\xf9\x04\x00\x00\x00\x00\x00"
    picture = b"," + b"".join(number.to_bytes(2, "little") for number in (5, 7, 7900, 6000))
    assert gif_extent(screen + extension + picture) == (7905, 6007)
    assert gif_extent(screen + b"," + b"".join(number.to_bytes(2, "little") for number in (0, 0, 3, 3))) == (10, 10)
    for cut in (0, 12, len(screen) + 3, len(screen + extension) + 5):
        assert gif_extent((screen + extension + picture)[:cut]) is None
