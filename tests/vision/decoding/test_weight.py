"""The header tells what a photo will take: enough of it, and not several times as much."""

import os
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, features

from tests.vision.decoding.test_decode import noise, png_header, saved
from vision.decoding.weight import weight
from vision.rendition import LARGE

SIDE = 1500
PIXELS = SIDE * SIDE / 1e6
# Prints what decoding each file really takes, once a small one of its kind has loaded all that it needs.
_MEASURE = """
import sys
from pathlib import Path
from vision.decoding.decode import decode
from vision.rendition import decode_with_renditions
status = Path("/proc/self/status")
peak = lambda: int(status.read_text().partition("VmHWM:")[2].split()[0])
read = decode if sys.argv[1] == "alone" else lambda data: decode_with_renditions(data, 299)
for file in sys.argv[2:]:
    read(Path(file + ".small").read_bytes())
    data = Path(file).read_bytes()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    read(data)
    print((peak() - before) * 1024 / 1e6)
"""


def picture(mode: str, side: int) -> Image.Image:
    photo = Image.merge("RGB", [Image.radial_gradient("L").resize((side, side))] * 3)
    if mode == "P":
        return photo.quantize(64, Image.Quantize.FASTOCTREE)
    return photo.convert("L").convert("I;16") if mode == "I;16" else photo.convert(mode)


KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "grey PNG": ("L", "PNG", {}),
    "colour PNG": ("RGB", "PNG", {}),
    "palette PNG": ("P", "PNG", {}),
    "transparent PNG": ("RGBA", "PNG", {}),
    "palette PNG with a hole": ("P", "PNG", {"transparency": 0}),
    "PNG of two bytes": ("I;16", "PNG", {}),
    "PNG of one bit": ("1", "PNG", {}),
    "JPEG": ("RGB", "JPEG", {}),
    "progressive JPEG": ("RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    "progressive JPEG, colours halved": ("RGB", "JPEG", {"progressive": True, "subsampling": 2}),
    "progressive JPEG for print": ("CMYK", "JPEG", {"progressive": True}),
    "WebP": ("RGB", "WEBP", {"method": 0}),
    "GIF": ("P", "GIF", {}),
    "AVIF": ("RGB", "AVIF", {"speed": 10}),
}


def measured(what: str, files: Sequence[Path]) -> list[float]:
    """Megabytes that each of the files takes, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, what, *map(str, files)],
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"},  # what is freed is given back
        capture_output=True,
        check=True,
        timeout=60,
    )
    return [float(taken) for taken in ran.stdout.split()]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells what a process ever had")
def test_no_photo_takes_more_than_its_header_told(tmp_path: Path) -> None:
    """Measured in a process of its own; a megabyte is left to what the interpreter does meanwhile."""
    kinds = {name: kind for name, kind in KINDS.items() if kind[1] != "AVIF" or features.check("avif")}
    for name, (mode, format_, options) in kinds.items():
        for file, side in ((tmp_path / name, SIDE), (tmp_path / f"{name}.small", 100)):
            file.write_bytes(saved(picture(mode, side), format_, **options))
    for name, taken in zip(kinds, measured("alone", [tmp_path / name for name in kinds]), strict=True):
        told = weight((tmp_path / name).read_bytes(), 299)
        assert told is not None, name
        assert taken - 1 < told < 20 * PIXELS, name


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells what a process ever had")
def test_renditions_take_no_more_than_the_header_told(tmp_path: Path) -> None:
    """They are larger than what an encoder sees, so that is told beforehand as well."""
    kinds = ["JPEG", "progressive JPEG", "transparent PNG", "WebP"]
    for name in kinds:
        mode, format_, options = KINDS[name]
        for file, size in ((tmp_path / name, (2 * SIDE, SIDE)), (tmp_path / f"{name}.small", (100, 100))):
            file.write_bytes(saved(picture(mode, SIDE).resize(size), format_, **options))
    for name, taken in zip(kinds, measured("renditions", [tmp_path / name for name in kinds]), strict=True):
        told = weight((tmp_path / name).read_bytes(), 299, LARGE)
        assert told is not None, name
        assert taken - 1 < told < 50 * PIXELS, (name, taken, told)


def test_a_bomb_is_told_by_its_header() -> None:
    """180 kB of PNG that unpack to 250 MB, and a progressive JPEG whose every coefficient is kept."""
    assert weight(png_header(7900, 7900), 299) == pytest.approx(252, abs=3)
    small = saved(Image.new("RGB", (800, 800)), "JPEG", progressive=True, subsampling=0)
    at = small.index(b"\xff\xc2") + 5
    large = small[:at] + (7900).to_bytes(2, "big") * 2 + small[at + 4 :]
    assert weight(large, 299) == pytest.approx(378, abs=4)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xfe\x00\x02" * 1_000_000,
        b"\xff\xd8" + b"\xff" * 4_000_000,
        b"\xff\xd8\xff\xd9" + b"\xff\x00" * 2_000_000,
        b"GIF89a" + bytes(7) + b"!\xfe\x00" * 1_000_000,
        b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avif" + bytes(8) + b"ispe" * 1_000_000,
    ],
    ids=["segments", "fill", "no segments", "extensions", "pictures"],
)
def test_a_header_without_end_is_not_read_to_its_end(data: bytes) -> None:
    """It does not tell, so its photo has all the room; who weighs it holds up nobody, as so many steps say."""
    steps = 0

    def step(*_: object) -> object:
        nonlocal steps
        steps += 1
        return step

    before = sys.gettrace()
    sys.settrace(lambda frame, *_: step if "decoding" in frame.f_code.co_filename else None)
    try:
        assert weight(data, 224) is None
    finally:
        sys.settrace(before)
    assert steps < 400_000


def test_a_photo_of_a_camera_is_light() -> None:
    """A JPEG that is read row by row is scaled down meanwhile, whatever its size; in parts it is not."""
    plain = saved(Image.new("RGB", (8000, 6000)), "JPEG", quality=10)
    assert weight(plain, 299) < 5
    assert weight(plain, 6000) == pytest.approx(4 * 48, abs=1)
    scan = plain.index(b"\xff\xda") + 4
    assert weight(plain[:scan] + b"\x01" + plain[scan + 1 :], 299) > 100


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8" + b"\xff" * 100,
        b"\xff\xd8\xff\xc0\x00\x02" * 50,
        saved(noise(), "JPEG")[:100],
        png_header(8, 8)[:20],
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\x00\x00\x00\x1cftypavif" + bytes(30),
        b"%PDF-1.7",
    ],
    ids=[
        "nothing",
        "three bytes",
        "filler",
        "empty frames",
        "cut JPEG",
        "cut PNG",
        "cut GIF",
        "cut WebP",
        "AVIF",
        "PDF",
    ],
)
def test_a_header_that_does_not_tell(data: bytes) -> None:
    """Nothing is guessed, and nothing fails."""
    assert weight(data, 299) is None


def test_a_thumbnail_is_not_the_photo() -> None:
    """Cameras put a small JPEG into the notes of the large one."""
    notes = Image.Exif()
    notes[0x0112] = 6
    photo = BytesIO()
    noise((1600, 1200)).save(photo, "JPEG", progressive=True, exif=notes.tobytes() + saved(noise((160, 120)), "JPEG"))
    assert weight(photo.getvalue(), 299) > 1600 * 1200 * 3 / 1e6
