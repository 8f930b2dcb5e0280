"""The volumes of a record: a file that grew long is closed under a name of its own, and the next one goes on.

Read one after the other they are the very lines that one file would have, each with the hash of the line before. The
first line of a file says which volume was closed before it, and after how many lines: so the oldest ones may be packed
by gzip, or lie elsewhere.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

VOLUME, AFTER = "volume", "after"
_CLOSED: Final = re.compile(r"(?P<stem>.+)-\d{6}(?P<suffix>\.ndjson)(\.gz)?")


def closed_file(path: Path, number: int) -> Path:
    """Where a volume of a record lies once it is closed."""
    return path.with_name(f"{path.stem}-{number:06}{path.suffix}")


def record_of(name: str) -> str | None:
    """The name of the record that a closed volume is of; None for what is none."""
    match = _CLOSED.fullmatch(name)
    return match and f"{match['stem']}{match['suffix']}"


def closed_volumes(path: Path) -> list[Path]:
    """The closed volumes of a record that are there, in order."""
    places = (closed_file(path, number) for number in range(1, volumes_before(path) + 1))
    either = ((place, place.with_name(f"{place.name}.gz")) for place in places)
    return [file for file in (next((one for one in two if one.is_file()), None) for two in either) if file is not None]


def volumes(path: Path) -> list[Path]:
    """All files of a record that are there, in order; the last is the one that is written to."""
    return [*closed_volumes(path), path]


def volumes_before(path: Path) -> int:
    """How many volumes were closed before a file began."""
    return _number(entry_of(next(whole_lines(path), b"")), VOLUME)


def lines_before(entry: Mapping[str, Any] | None) -> int:
    """How many lines stand in the volumes before the one that begins with this line."""
    return _number(entry, AFTER)


def whole_lines(path: Path, start: int = 0) -> Iterator[bytes]:
    """The whole lines of a file, without their newlines; one that has none at the end is torn, and left out."""
    return (line[:-1] for line in raw_lines(path, start) if line.endswith(b"\n"))


def raw_lines(path: Path, start: int = 0) -> Iterator[bytes]:
    """Every line of a file as it stands there; of a packed one that is damaged, those before the damage."""
    if path.suffix == ".gz":
        try:
            with gzip.open(path) as packed:
                yield from packed
        except (gzip.BadGzipFile, EOFError, zlib.error):
            return  # the lines that are missing break the chain
        return
    try:
        with path.open("rb") as file:
            file.seek(start)
            yield from file
    except (FileNotFoundError, NotADirectoryError):
        return


def entry_of(line: bytes) -> dict[str, Any] | None:
    """What a line says; None where it is no record."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _number(entry: Mapping[str, Any] | None, name: str) -> int:
    value = entry.get(name) if entry is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**12 else 0
