"""Notes: what the file of a photo says of it, as far as it can be read; to be read where hostile bytes may be decoded.

A photo is not broken because its notes are: whatever is wrong with them, they say nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Annotated, Any, Final

import msgspec
from PIL import Image

from vision.decoding.header import format_of
from vision.notes.exif import read_exif
from vision.notes.iptc import read_iptc
from vision.notes.text import shortened
from vision.notes.xmp import read_xmp

MOST_KEYWORDS: Final = 50
MOST_CAPTIONS: Final = 100  # of a file: a post has no more
LONGEST_CAPTION: Final = 5_000
LONGEST_WORD: Final = 200

_Text = Annotated[str, msgspec.Meta(max_length=LONGEST_CAPTION)]
_Word = Annotated[str, msgspec.Meta(max_length=LONGEST_WORD)]


class Notes(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a file says: `taken` as RFC 3339 writes a time, `place` in degrees, north and east."""

    captions: tuple[_Text, ...] = ()
    keywords: Annotated[tuple[_Word, ...], msgspec.Meta(max_length=MOST_KEYWORDS)] = ()
    taken: _Word | None = None
    camera: _Word | None = None
    lens: _Word | None = None
    city: _Word | None = None
    country: _Word | None = None
    place: (
        tuple[Annotated[float, msgspec.Meta(ge=-90, le=90)], Annotated[float, msgspec.Meta(ge=-180, le=180)]] | None
    ) = None


NOTHING: Final = Notes()


def read_notes(data: bytes) -> Notes:
    """Read what the file of a photo says; what people wrote (XMP, IPTC) stands before what the camera did."""
    fields: dict[str, Any] = {}
    captions: list[str] = []
    keywords: list[str] = []
    with suppress(Exception), Image.open(BytesIO(data), formats=[format_of(data) or ""]) as photo:
        readers: tuple[Callable[[Image.Image], dict[str, Any]], ...] = (read_xmp, read_iptc, read_exif)
        for read in readers:
            with suppress(Exception):  # Pillow answers hostile bytes with almost anything
                found = read(photo)
                captions += found.pop("captions", ())
                keywords += found.pop("keywords", ())
                fields = {**{name: value for name, value in found.items() if value}, **fields}
    try:
        return msgspec.convert(_bounded(captions, keywords, fields), Notes)
    except msgspec.ValidationError:  # a place beyond the poles
        return msgspec.convert(_bounded(captions, keywords, {}), Notes)


def _bounded(captions: list[str], keywords: list[str], fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of bearable length, each caption and keyword once."""
    words = {name: shortened(value, LONGEST_WORD) for name, value in fields.items() if isinstance(value, str)}
    others = {name: value for name, value in fields.items() if not isinstance(value, str)}
    return {
        "captions": _once(captions, LONGEST_CAPTION, MOST_CAPTIONS),
        "keywords": _once(keywords, LONGEST_WORD, MOST_KEYWORDS),
        **{name: value for name, value in {**words, **others}.items() if value},
    }


def _once(texts: list[str], longest: int, most: int) -> list[str]:
    """So many texts at most, each once, whatever its case."""
    kept: dict[str, str] = {}
    for text in texts:
        if short := shortened(text, longest):
            kept.setdefault(short.casefold(), short)
            if len(kept) == most:
                break
    return list(kept.values())
