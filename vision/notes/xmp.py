"""XMP: what programs of photographers write, as XML; read without any entity or outside file."""

from collections import defaultdict
from typing import Any, Final
from xml.parsers import expat

from PIL import Image

from vision.notes.exif import camera_of
from vision.notes.text import caption_of, time_of

_LONGEST: Final = 2**20
_DEEPEST: Final = 40
_DC: Final = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP: Final = "http://ns.adobe.com/photoshop/1.0/"
_TIFF: Final = "http://ns.adobe.com/tiff/1.0/"
_EXIF: Final = "http://ns.adobe.com/exif/1.0/"
_TIMES: Final = (
    f"{_EXIF} DateTimeOriginal",
    f"{_PHOTOSHOP} DateCreated",
    "http://ns.adobe.com/xap/1.0/ CreateDate",
)
_LENSES: Final = ("http://ns.adobe.com/exif/1.0/aux/ Lens", "http://cipa.jp/exif/1.0/ LensModel")


def read_xmp(photo: Image.Image) -> dict[str, Any]:
    """Read what stands in the XMP of a photo, where there is such."""
    raw = photo.info.get("xmp") or photo.info.get("XML:com.adobe.xmp") or b""
    data = raw.encode() if isinstance(raw, str) else raw
    if not data or len(data) > _LONGEST:
        return {}
    values = _values(data)

    def one(*names: str) -> str:
        return next((values[name][0] for name in names if values.get(name)), "")

    times = (time for name in _TIMES for value in values.get(name, ())[:1] if (time := time_of(value)))
    return {
        "captions": [
            text
            for name in (f"{_DC} title", f"{_PHOTOSHOP} Headline", f"{_DC} description")
            for value in values.get(name, ())
            for text in caption_of(value)
        ],
        "keywords": values.get(f"{_DC} subject", []),
        "taken": next(times, None),
        "camera": camera_of(one(f"{_TIFF} Make"), one(f"{_TIFF} Model")),
        "lens": one(*_LENSES),
        "city": one(f"{_PHOTOSHOP} City"),
        "country": one(f"{_PHOTOSHOP} Country"),
    }


def _values(data: bytes) -> dict[str, list[str]]:
    """The texts of each property, in order: those of attributes, and those within its element, however deep."""
    found: dict[str, list[str]] = defaultdict(list)
    path: list[str] = []
    texts: list[list[str]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(path) > _DEEPEST:
            raise ValueError("nested too deep")
        path.append(name)
        texts.append([])
        for attribute, value in attributes.items():
            found[attribute].append(value)

    def text(part: str) -> None:
        if texts:
            texts[-1].append(part)

    def end(_: str) -> None:
        said = "".join(texts.pop()).strip()
        name = path.pop()
        if said:
            owner = next((one for one in reversed(path) if not _is_list(one)), name) if _is_list(name) else name
            found[owner].append(said)

    def refuse(*_: object) -> None:
        raise ValueError("a document type, which no XMP has")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data.strip(b"\x00 \r\n\t"), True)
    return found


def _is_list(name: str) -> bool:
    return name.startswith("http://www.w3.org/1999/02/22-rdf-syntax-ns# ")
