"""EXIF: what the camera wrote, and a caption where somebody had it write one."""

from collections.abc import Mapping
from typing import Any, Final

from PIL import Image

from vision.notes.text import caption_of, text_of, time_of

_DESCRIPTION, _MAKE, _MODEL = 0x010E, 0x010F, 0x0110
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _DIGITIZED, _ZONE, _ZONE_DIGITIZED, _LENS = 0x9003, 0x9004, 0x9011, 0x9012, 0xA434
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_DEGREES: Final = (1.0, 60.0, 3600.0)


def read_exif(photo: Image.Image) -> dict[str, Any]:
    """Read time, camera, lens, place and caption."""
    exif = photo.getexif()
    more = exif.get_ifd(_EXIF)
    return {
        "captions": caption_of(text_of(exif.get(_DESCRIPTION, ""))),
        "taken": _taken(more),
        "camera": camera_of(text_of(exif.get(_MAKE, "")), text_of(exif.get(_MODEL, ""))),
        "lens": text_of(more.get(_LENS, "")),
        "place": _place(exif.get_ifd(_GPS)),
    }


def camera_of(make: str, model: str) -> str:
    """A camera's name: the maker is not said twice."""
    make, model = make.strip(" \x00"), model.strip(" \x00")
    first = make.split()[0].casefold() if make else ""
    return model if first and model.casefold().startswith(first) else f"{make} {model}".strip()


def _taken(exif: Mapping[int, Any]) -> str | None:
    for tag, zone in ((_TAKEN, _ZONE), (_DIGITIZED, _ZONE_DIGITIZED)):
        if tag in exif and (time := time_of(text_of(exif[tag]), text_of(exif.get(zone, "")))):
            return time
    return None


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    if _LAT not in gps or _LON not in gps:
        return None
    lat = sum(float(part) / unit for part, unit in zip(gps[_LAT], _DEGREES, strict=False))
    lon = sum(float(part) / unit for part, unit in zip(gps[_LON], _DEGREES, strict=False))
    south, west = str(gps.get(_LAT_REF, "N")).startswith("S"), str(gps.get(_LON_REF, "E")).startswith("W")
    if not (lat or lon) or lat != lat or lon != lon:  # a camera without a fix writes zeros, or no numbers
        return None
    return round(-lat if south else lat, 6), round(-lon if west else lon, 6)
