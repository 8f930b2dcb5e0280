"""Bytes to pixels: what is taken, and the reason for what is not."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, features

from vision.decoding.decode import decode
from vision.errors import PhotoError

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 30), (30, 60, 220), (255, 255, 255)


def saved(photo: Image.Image, format_: str, **options: object) -> bytes:
    """The bytes of a photo in a format."""
    out = BytesIO()
    photo.save(out, format_, **options)
    return out.getvalue()


def halves(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Red above, blue below."""
    photo = Image.new("RGB", size, RED)
    photo.paste(BLUE, (0, size[1] // 2, *size))
    return photo


def noise(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A photo that compresses badly, so that a cut anywhere hurts."""
    values = np.random.default_rng(7).integers(0, 256, (size[1] // 4, size[0] // 4, 3), dtype=np.uint8)
    return Image.fromarray(values).resize(size, Image.Resampling.BICUBIC)


def near(pixel: np.ndarray, colour: tuple[int, int, int], slack: int = 24) -> bool:
    """Whether a pixel has that colour, give or take what compression does."""
    return bool(np.abs(pixel.astype(int) - np.array(colour)).max() <= slack)


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and holds no pixels."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT")
    framed = (struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) for body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def reason_of(data: bytes, **caps: int) -> str:
    """The reason for which the bytes are refused."""
    with pytest.raises(PhotoError) as caught:
        decode(data, **caps)
    assert caught.value.message
    assert str(caught.value) == caught.value.message
    return caught.value.reason


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_each_allowed_format_decodes(format_: str) -> None:
    """The allowed formats give RGB pixels with the picture the right way up."""
    if format_ == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    pixels = decode(saved(halves(), format_))
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert near(pixels[4, 32], RED)
    assert near(pixels[-4, 32], BLUE)


@pytest.mark.parametrize(
    ("data", "caps", "reason"),
    [
        pytest.param(b"", {}, "photo_empty", id="no bytes"),
        pytest.param(b"\xff\xd8\xff" * 50, {"max_bytes": 100}, "photo_too_large", id="too many bytes"),
        pytest.param(saved(halves(), "PNG"), {"max_pixels": 1000}, "photo_too_many_pixels", id="too many pixels"),
        pytest.param(png_header(60_000, 60_000), {}, "photo_too_many_pixels", id="a bomb"),
        pytest.param(png_header(10_000, 9_999), {}, "photo_too_many_pixels", id="what Pillow only warns of"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\xff" * 6, {}, "photo_too_many_pixels", id="a WebP bomb"),
        pytest.param(saved(Image.new("RGB", (7, 40)), "PNG"), {}, "photo_too_narrow", id="7 pixels wide"),
        pytest.param(saved(Image.new("RGB", (1, 1)), "GIF"), {}, "photo_too_narrow", id="tracking pixel"),
        pytest.param(saved(Image.new("RGB", (510, 10)), "JPEG"), {}, "photo_too_narrow", id="51 to 1"),
        pytest.param(b"\x89PNG\r\n\x1a\n", {}, "photo_broken", id="only a signature"),
        pytest.param(b"\xff\xd8\xff\xe0 and no more", {}, "photo_broken", id="nonsense after a signature"),
        pytest.param(png_header(100, 100), {}, "photo_broken", id="a header without pixels"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 40, {}, "photo_too_narrow", id="a WebP of no size"),
        pytest.param(b"a holiday", {}, "photo_unsupported", id="text"),
        pytest.param(saved(halves(), "BMP"), {}, "photo_unsupported", id="bmp"),
        pytest.param(saved(halves(), "TIFF"), {}, "photo_unsupported", id="tiff"),
    ],
)
def test_each_refusal_has_its_reason(data: bytes, caps: dict[str, int], reason: str) -> None:
    """What cannot be used is refused under a stable reason."""
    assert reason_of(data, **caps) == reason


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg xmlns='x'/>", "SVG"),
        (b"%!PS-Adobe", "EPS"),
        (b"%PDF-1.4", "PDF"),
        (b"<html><body>not found</body></html>", "HTML"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
    ],
    ids=["svg", "eps", "pdf", "html", "heic"],
)
def test_refused_format_is_named(data: bytes, name: str) -> None:
    """The message names the format found and those that are taken."""
    with pytest.raises(PhotoError, match=f"^the photo is {name}, expected one of JPEG"):
        decode(data)


def test_sizes_at_the_limits_are_taken() -> None:
    """Eight pixels, fifty to one, and exactly the caps are still fine."""
    data = saved(Image.new("RGB", (400, 8), RED), "PNG")
    assert decode(data, max_bytes=len(data), max_pixels=3200).shape == (8, 400, 3)


def test_messages_hold_no_memory_address() -> None:
    """The same broken bytes give the same message each time."""
    with pytest.raises(PhotoError) as caught:
        decode(b"\xff\xd8\xff\xe0 and no more")
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("target", [8, 50, 100, 299])
def test_short_side_is_scaled_to_the_target(target: int) -> None:
    """The short side becomes the target and the long side keeps the proportion."""
    assert decode(saved(noise((1200, 900)), "JPEG"), target=target).shape == (target, round(4 / 3 * target), 3)
    assert decode(saved(noise((300, 400)), "PNG"), target=target).shape == (round(4 / 3 * target), target, 3)


def test_small_photo_is_not_enlarged() -> None:
    """A photo below the target keeps its size."""
    assert decode(saved(halves((40, 30)), "PNG"), target=299).shape == (30, 40, 3)


def test_target_below_one_is_a_mistake_of_the_caller() -> None:
    """A target of nothing is no fault of the photo."""
    with pytest.raises(ValueError, match="target is 0, expected at least 1"):
        decode(saved(halves(), "PNG"), target=0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_applied(orientation: int, format_: str) -> None:
    """Whichever way the camera was held, red comes out above blue, with green in the upper left corner."""
    upright = halves((80, 48))
    upright.paste(GREEN, (0, 0, 40, 24))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(saved(held, format_, exif=exif, quality=95))
    assert pixels.shape == (48, 80, 3)
    assert near(pixels[6, 10], GREEN)
    assert near(pixels[6, 70], RED)
    assert near(pixels[-6, 40], BLUE)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00II*\x00\xff\xff\xff\xff"], ids=["text", "tiff"])
def test_broken_notes_do_not_break_the_photo(exif: bytes) -> None:
    """Unreadable EXIF means no turn, not a lost photo."""
    assert near(decode(saved(halves(), "JPEG", exif=exif))[4, 4], RED)


GREY_STEPS = np.linspace(0, 65535, 64, dtype=np.uint16)[None].repeat(48, axis=0)


@pytest.mark.parametrize(
    ("make", "left", "right"),
    [
        pytest.param(lambda: saved(halves().convert("CMYK"), "JPEG"), RED, RED, id="CMYK"),
        pytest.param(lambda: saved(halves().quantize(4), "PNG"), RED, RED, id="palette"),
        pytest.param(lambda: saved(halves().quantize(4), "GIF"), RED, RED, id="palette in a GIF"),
        pytest.param(lambda: saved(Image.fromarray(GREY_STEPS), "PNG"), (0, 0, 0), WHITE, id="16-bit grey"),
        pytest.param(lambda: saved(Image.new("L", (64, 48), 90), "PNG"), (90,) * 3, (90,) * 3, id="grey"),
        pytest.param(lambda: saved(Image.new("L", (64, 48), 90), "JPEG"), (90,) * 3, (90,) * 3, id="grey JPEG"),
        pytest.param(lambda: saved(Image.new("1", (64, 48), 1), "PNG"), WHITE, WHITE, id="black and white"),
        pytest.param(lambda: saved(Image.new("LA", (64, 48), (0, 0)), "PNG"), WHITE, WHITE, id="clear grey"),
        pytest.param(lambda: saved(Image.new("RGBA", (64, 48), (*RED, 0)), "PNG"), WHITE, WHITE, id="clear"),
        pytest.param(lambda: saved(Image.new("RGBA", (64, 48), (*RED, 255)), "WEBP"), RED, RED, id="opaque WebP"),
        pytest.param(
            lambda: saved(Image.new("RGBA", (64, 48), (0, 0, 0, 128)), "PNG"), (127,) * 3, (127,) * 3, id="half"
        ),
        pytest.param(lambda: saved(halves(), "PNG", transparency=RED), WHITE, WHITE, id="one colour clear"),
        pytest.param(
            lambda: saved(Image.new("P", (64, 48), 0), "PNG", transparency=0),
            WHITE,
            WHITE,
            id="one palette entry clear",
        ),
    ],
)
@pytest.mark.parametrize("target", [24, 299], ids=["scaled", "full"])
def test_every_mode_becomes_rgb_on_white(
    make: Callable[[], bytes], left: tuple[int, int, int], right: tuple[int, int, int], target: int
) -> None:
    """Print colours, palettes, deep grey and alpha become the RGB that a viewer on a white page sees."""
    pixels = decode(make(), target=target)
    assert pixels.shape[2] == 3
    assert near(pixels[2, 0], left, 32)
    assert near(pixels[2, -1], right, 32)


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation_is_taken(format_: str) -> None:
    """Of a moving picture the first frame is the photo."""
    frames = [Image.new("RGB", (32, 32), colour) for colour in (GREEN, RED, BLUE)]
    data = saved(frames[0], format_, save_all=True, append_images=frames[1:], duration=40)
    assert near(decode(data)[16, 16], GREEN)


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        pytest.param("JPEG", {}, id="jpeg"),
        pytest.param("JPEG", {"progressive": True}, id="progressive jpeg"),
        pytest.param("PNG", {}, id="png"),
        pytest.param("WEBP", {}, id="webp"),
        pytest.param("GIF", {}, id="gif"),
    ],
)
def test_cut_off_photo_is_broken_and_never_half_grey(format_: str, options: dict[str, object]) -> None:
    """A cut anywhere is an error, unless all the pixels were there and the same picture comes out."""
    data = saved(noise(), format_, **options)
    whole = decode(data)
    reasons = set()
    for length in [*range(12, len(data), max(1, len(data) // 60)), *range(len(data) - 16, len(data))]:
        try:
            pixels = decode(data[:length])
        except PhotoError as error:
            reasons.add(error.reason)
        else:
            assert np.array_equal(pixels, whole), length
    assert reasons == {"photo_broken"}
