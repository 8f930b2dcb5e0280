"""IPTC: what agencies and programs of photographers write: caption, keywords, time, city and country."""

from typing import Any, Final

from PIL import Image, ImageFile, IptcImagePlugin

from vision.notes.text import caption_of, text_of, time_of

_TITLE, _KEYWORDS, _DATE, _TIME, _CITY, _COUNTRY, _HEADLINE, _CAPTION = (
    *((2, 5), (2, 25), (2, 55), (2, 60)),
    *((2, 90), (2, 101), (2, 105), (2, 120)),
)
_TITLES: Final = (_HEADLINE, _TITLE)


def read_iptc(photo: Image.Image) -> dict[str, Any]:
    """Read what stands in the records of IPTC, where there are such."""
    record = IptcImagePlugin.getiptcinfo(photo) or {} if isinstance(photo, ImageFile.ImageFile) else {}

    def one(key: tuple[int, int]) -> bytes:
        value = record.get(key, b"")
        return value[0] if isinstance(value, list) else value

    words = record.get(_KEYWORDS, [])
    date, time = text_of(one(_DATE)), text_of(one(_TIME))
    stamp = f"{date[:4]}-{date[4:6]}-{date[6:8]}" + (f"T{time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}" if time else "")
    return {
        "captions": [text for key in (*_TITLES, _CAPTION) for text in caption_of(text_of(one(key)))],
        "keywords": [text_of(word) for word in (words if isinstance(words, list) else [words])],
        "taken": time_of(stamp) if date else None,
        "city": text_of(one(_CITY)),
        "country": text_of(one(_COUNTRY)),
    }
