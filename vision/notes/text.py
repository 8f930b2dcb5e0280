"""Text in notes: bytes of whatever encoding, and what cameras write where people should."""

import re
from datetime import datetime
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
# What cameras and programs fill the caption with by themselves.
_NOBODYS: Final = re.compile(
    r"(olympus|minolta|konica|kodak|sony|samsung|casio|digital)\s+(digital\s+)?(camera|dsc|picture)|sony dsc|dcim|"
    r"exif_jpeg_picture|untitled|default|screenshot|created with .*|file written by .*|"
    r".*\.(jpe?g|png|tiff?|psd|cr2|nef)",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"(\d{4})[:-](\d\d)[:-](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)


_BETWEEN: Final = re.compile(r"[\W_]+")
_YEAR: Final = re.compile(r"(19|20)\d\d")
_COUNTED: Final = re.compile(
    r"img|imgp|dsc|dscn|dscf|dcim|pxl|mvimg|vid|pict|image|photo|scan|copy|edit|mini|final|jpe?g|png|whatsapp|"
    r"screenshot|фото|скан|копия|изображение",
    re.IGNORECASE,
)


def text_of(value: object) -> str:
    """Bytes, or text that was read as Latin-1, as what was written: UTF-8, else Cyrillic, else Western."""
    if isinstance(value, str):
        try:
            data = value.encode("latin-1")
        except UnicodeEncodeError:
            return value
    else:
        data = value if isinstance(value, bytes) else b""
    try:
        return data.decode()
    except UnicodeDecodeError:
        high = sum(byte >= 0xC0 for byte in data)
        return data.decode("cp1251" if 2 * high > sum(byte > 0x40 for byte in data) else "latin-1", "replace")


def shortened(text: str, longest: int) -> str:
    """A text without what commands a terminal, and no longer than it may be."""
    return " ".join(_CONTROL.sub(" ", text).split())[:longest].strip()


def caption_of(text: str) -> list[str]:
    """A caption, where somebody wrote one and no camera did."""
    text = text.strip(" \x00\r\n\t")
    return [text] if text and not _NOBODYS.fullmatch(text) and people_words(text) else []


def people_words(name: str) -> list[str]:
    """The words of a name that people gave a photo or a folder; none of what cameras and programs call them."""
    words = _BETWEEN.split(name)
    named = [word for word in words if _YEAR.fullmatch(word) or (word.isalpha() and not _COUNTED.fullmatch(word))]
    return named if any(len(word) > 1 for word in named) else []


def time_of(text: str, zone: str = "") -> str | None:
    """A time as RFC 3339 writes it; a camera that tells no zone is taken to keep UTC. None where it is no time."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, own = match.groups()
    offset = own or zone.strip() or "Z"
    offset = offset if ":" in offset or offset == "Z" else f"{offset[:3]}:{offset[3:]}"
    stamp = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{offset}"
    try:
        return stamp if datetime.fromisoformat(stamp).year >= 1826 else None  # there was no photo before
    except ValueError:
        return None if offset == "Z" else time_of(text[:19])
