"""A folder of photos: each is a post, with what a text or JSON file of the same name beside it says."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ingest.reading.lines import InputLine
from ingest.reason import Reason

PHOTOS: Final = frozenset(
    [".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".bmp", ".tif", ".tiff", ".svg"]
)
SIDECARS: Final = (".json", ".txt")
_LONGEST: Final = 2**20


class FolderSource:
    """Photos in a folder and below it, in the order of their paths; the id of a post is the path of its photo."""

    def __init__(self, folder: Path) -> None:
        self.file = folder
        self._share = 0.0

    @property
    def share(self) -> float:
        """How much of it has been read: folders are not counted beforehand, so this is only known at the end."""
        return self._share

    def signature(self) -> bytes:
        """Tell it from the same folder with other photos in it."""
        hasher = hashlib.blake2b(digest_size=16)
        for path, _ in self._paths():
            hasher.update(f"{path}\n".encode("utf-8", "surrogateescape"))
        return hasher.digest()

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give a post for each photo."""
        number = 0
        for number, (path, sidecars) in enumerate(self._paths(), 1):
            if number > after:
                yield self._line(number, path, sidecars)
        self._share = 1.0

    def _paths(self) -> Iterator[tuple[Path | Reason, Mapping[str, str]]]:
        """Each photo, with the sidecars of its folder by their names, endings in lower case."""
        faults: list[OSError] = []
        for folder, folders, names in os.walk(self.file, onerror=faults.append):
            while faults:
                yield _unreadable(faults.pop(0)), {}
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            there = set(names)
            sidecars = {}
            for name in sorted(there):  # `a.TXT` comes first: where there is an `a.txt` as well, that counts
                if (ending := Path(name).suffix).lower() in SIDECARS:
                    sidecars[name.removesuffix(ending) + ending.lower()] = name
            stems = {Path(name).stem for name in names if Path(name).suffix.lower() in PHOTOS}
            for name in sorted(there):
                ending = Path(name).suffix.lower()
                alone = ending in SIDECARS and not {Path(name).stem, name.removesuffix(ending)} & (stems | there)
                if not name.startswith(".") and (ending in PHOTOS or alone):
                    yield Path(folder, name), sidecars
        while faults:
            yield _unreadable(faults.pop(0)), {}

    def _line(self, number: int, path: Path | Reason, sidecars: Mapping[str, str]) -> InputLine:
        if isinstance(path, Reason):
            return InputLine(number, None, fault=path)
        name = path.relative_to(self.file).as_posix()
        if path.suffix.lower() not in PHOTOS:
            return InputLine(number, None, name, Reason("photo_missing", f"There is no photo beside {name}: add it."))
        try:
            post = {"id": name, "photo": name, **_beside(path, sidecars)}
            return InputLine(number, json.dumps(post, ensure_ascii=False).encode(), name)
        except (ValueError, UnicodeError, RecursionError) as error:
            return InputLine(
                number, None, name, Reason("broken_sidecar", f"The file beside {name} says nothing: {error}.")
            )
        except OSError as error:
            fault = Reason("unreadable", f"What lies beside {name} cannot be read: {error.strerror}.")
        return InputLine(number, None, name, fault)


def _beside(photo: Path, sidecars: Mapping[str, str]) -> dict[str, Any]:
    """Read the fields in `photo.json` (or `photo.jpg.json`), and the caption in `photo.txt` (or `photo.jpg.txt`)."""
    fields: dict[str, Any] = {}
    for ending in SIDECARS:
        for name in (photo.stem + ending, photo.name + ending):
            if name not in sidecars:
                continue
            file = photo.with_name(sidecars[name])
            text = _read(file)
            if text is None:  # it went this very moment
                continue
            if ending == ".txt":
                fields.setdefault("text", text.strip())
            else:
                sidecar = json.loads(text)
                if not isinstance(sidecar, dict):
                    raise ValueError(f"{file.name} is no JSON object")
                fields.update(sidecar)
            break
    return fields


def _read(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            data = stream.read(_LONGEST + 1)
    except FileNotFoundError:
        return None
    if len(data) > _LONGEST:
        raise ValueError(f"{file.name} is larger than 1 MB")
    return data.decode("utf-8-sig")


def _unreadable(error: OSError) -> Reason:
    return Reason("unreadable", f"{error.filename}: {error.strerror}. Give its rights, and send the folder again.")
