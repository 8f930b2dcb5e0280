"""What the first bytes of a photo tell before any decoder touches it."""

import re
from typing import Final

_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WEBP"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"BM", "BMP"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"8BPS", "PSD"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x1f\x8b", "GZIP"),
    (0, b"\x1aE\xdf\xa3", "WebM video"),
)
_HEIC_BRANDS: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_AVIF_BRANDS: Final = frozenset((b"avif", b"avis"))
_HTML: Final = re.compile(rb"<(!doctype\s+html|html|head|body|title|script)\b", re.IGNORECASE)
_SVG: Final = re.compile(rb"<svg\b", re.IGNORECASE)
_MARKUP_HEAD: Final = 1024
_MOST_BLOCKS: Final = 50_000  # before the first picture of a GIF: 12 MB of words about it


def format_of(data: bytes) -> str | None:
    """Name the format that the bytes are signed with, also of files that are no photos; None when unknown."""
    for offset, signature, name in _SIGNATURES:
        if data.startswith(signature, offset):
            return name
    if data[4:8] == b"ftyp":
        return _boxed_format(data)
    head = data[:_MARKUP_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<"):
        return None
    # A web page may hold drawings and a drawing may hold a title: what comes first decides.
    if _HTML.match(head):
        return "HTML"
    return "SVG" if _SVG.search(head) else "HTML" if _HTML.search(head) else "XML"


def webp_canvas(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP, needed early because merely opening one allocates its whole canvas."""
    if len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def gif_extent(data: bytes) -> tuple[int, int] | None:
    """Width and height of a GIF's screen and its first picture together, for which its decoder makes room."""
    if len(data) < 13:
        return None
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)  # behind the screen and its palette
    steps = 0
    while data[at : at + 1] == b"!":  # an extension, in blocks of their length
        at += 2
        while length := int.from_bytes(data[at : at + 1]):
            at += 1 + length
            steps += 1
        at += 1
        steps += 1
        if steps > _MOST_BLOCKS:
            return None
    if data[at : at + 1] != b"," or len(data) < at + 9:
        return None
    left, top, width, height = (int.from_bytes(data[at + place : at + place + 2], "little") for place in (1, 3, 5, 7))
    screen = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return max(screen[0], left + width), max(screen[1], top + height)


def _boxed_format(data: bytes) -> str:
    # HEIC and AVIF may both lead with the neutral brand mif1: the compatible brands decide.
    end = min(max(int.from_bytes(data[:4], "big"), 16), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIC" if brands & _HEIC_BRANDS else "MP4 video"
