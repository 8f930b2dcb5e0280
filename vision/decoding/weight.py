"""How much memory a photo will take while it is unpacked, as its header tells before any decoder touches it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from vision.decoding.header import format_of, gif_extent, webp_canvas

REDUCING_GAP: Final = 2.0  # beyond twice the wanted size averaging blocks first costs a fraction and nobody sees it
_PNG_SIZE: Final = 26  # bytes up to the kind of its colours
# Bytes a pixel, as measured: the picture itself, and copies of it in other modes on its way to RGB.
_WEBP: Final = 16.5
_GIF: Final = 10
_AVIF: Final = 18
_RENDITION: Final = 12
_GREY, _COLOUR, _PALETTE = 0, 2, 3
_START_OF_SCAN: Final = 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those three are tables
_AT_ONCE: Final = frozenset((0xC0, 0xC1))  # frames that may be decoded row by row
_FILL: Final = re.compile(rb"\xff+")
_MOST: Final = 4096  # markers, or pictures within one file: no camera writes so many, and who looks at more is held up
_WITHOUT_LENGTH: Final = frozenset((0x00, 0x01, *range(0xD0, 0xD9)))


class _Frame(NamedTuple):
    """A picture, the bytes that a pixel of it takes, and what is held beside it."""

    width: int
    height: int
    a_pixel: float
    beside: float = 0


class _Segment(NamedTuple):
    marker: int
    body: bytes


def weight(data: bytes, target: int, longest: int = 0) -> float | None:
    """Megabytes that the photo takes until its short side is `target`; None when its header does not tell.

    With `longest`, as long as the longest side of its largest rendition, what that takes is told as well.
    """
    match format_of(data):
        case "JPEG":
            frame = _jpeg(data, target, longest)
        case "PNG":
            frame = _png(data)
        case "WEBP":
            canvas = webp_canvas(data)
            frame = _Frame(*canvas, _WEBP) if canvas else None
        case "GIF":
            extent = gif_extent(data)
            frame = _Frame(*extent, _GIF) if extent else None
        case "AVIF":
            frame = _avif(data)
        case _:
            frame = None
    if frame is None:
        return None
    return (_held(frame) + _scaled(frame, target) + (_renditions(frame, longest) if longest else 0)) / 1e6


def _held(frame: _Frame) -> float:
    return frame.width * frame.height * frame.a_pixel + frame.beside


def _scaled(frame: _Frame, target: int) -> float:
    """What scaling down takes: blocks are averaged first, then rows and columns are resized."""
    if min(frame.width, frame.height) <= target:
        return 0
    blocks = max(1, int(min(frame.width, frame.height) / target / REDUCING_GAP))
    averaged = 4 * frame.width * frame.height / blocks**2 if blocks > 1 else 0
    return averaged + 4 * target * max(frame.width, frame.height) / blocks


def _renditions(frame: _Frame, longest: int) -> float:
    """What scaling down to the largest one takes, and that one: as a picture, as pixels, and as it is written."""
    short, long = sorted((frame.width, frame.height))
    target = min(short, max(1, short * longest // max(1, long)))
    return _scaled(frame, target) + _RENDITION * target * min(long, longest)


def _png(data: bytes) -> _Frame | None:
    if len(data) < _PNG_SIZE:
        return None
    depth, colours = data[24], data[25]
    a_pixel = {_GREY: 11 if depth == 16 else 1 if depth > 1 else 5, _COLOUR: 4, _PALETTE: 5}.get(colours, 12)
    transparent = 8 if b"tRNS" in data else 0
    return _Frame(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), a_pixel + transparent)


def _avif(data: bytes) -> _Frame | None:
    """By the largest picture that it holds; its parts and its transparency are pictures as well."""
    places = list(islice(re.finditer(b"ispe", data), _MOST))
    if len(places) == _MOST:
        return None
    sides = ((data[at + 8 : at + 12], data[at + 12 : at + 16]) for at in (place.start() for place in places))
    frames = (_Frame(int.from_bytes(width, "big"), int.from_bytes(height, "big"), _AVIF) for width, height in sides)
    return max(frames, key=_held, default=None)


def _jpeg(data: bytes, target: int, longest: int) -> _Frame | None:
    """What comes in several scans is held as a whole; else only what it is scaled down to while it is read."""
    frame: _Segment | None = None
    for segment in _segments(data):
        if segment.marker in _FRAMES:
            frame = segment
        elif segment.marker == _START_OF_SCAN and frame is not None and segment.body:
            return _jpeg_frame(frame, segment.body[0], target, longest)
    return None


def _jpeg_frame(segment: _Segment, in_scan: int, target: int, longest: int) -> _Frame | None:
    body = segment.body
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    height, width, parts = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big"), body[5]
    if not (height and width and parts):
        return None
    wanted = min(1.0, max(target / min(width, height), longest / max(width, height)))
    shrink = min(width // max(1, round(width * wanted)), height // max(1, round(height * wanted)))
    scale = next(step for step in (8, 4, 2, 1) if shrink >= step)
    whole = 0.0
    if segment.marker not in _AT_ONCE or in_scan < parts:
        sampling = [body[at] for at in range(7, 6 + 3 * parts, 3)]
        areas = [(each >> 4) * (each & 15) for each in sampling]
        widest = max(each >> 4 for each in sampling) * max(each & 15 for each in sampling)
        whole = 2 * width * height * sum(areas) / max(widest, 1)
    return _Frame(width // scale, height // scale, 4, whole)


def _segments(data: bytes) -> Iterator[_Segment]:
    at = 2
    for _ in range(_MOST):
        if (fill := _FILL.search(data, at)) is None or (at := fill.end() - 1) + 3 >= len(data):
            return
        marker = data[at + 1]
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield _Segment(marker, data[at + 4 : end])
        at = max(end, at + 2)
