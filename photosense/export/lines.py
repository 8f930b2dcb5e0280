"""The file of an export: one JSON object a line, each of a kind; the last one sums up all others."""

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from photosense.errors import PhotosenseError

FORMAT: Final = 1
READ: Final = (FORMAT,)  # what this version reads: a format that was ever written stays here


class Kind(StrEnum):
    """What a line holds."""

    HEAD = "photosense"
    FILE = "file"
    POST = "post"
    RECORD = "record"
    END = "end"


class LineWriter:
    """Writes lines, and the last of them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sum = hashlib.sha256()
        self.counts = dict.fromkeys((Kind.FILE, Kind.POST, Kind.RECORD), 0)

    def write(self, kind: Kind, content: Mapping[str, Any]) -> None:
        """Write a line."""
        line = orjson.dumps({"kind": kind.value, **content}) + b"\n"
        self._sum.update(line)
        self._file.write(line)
        if kind in self.counts:
            self.counts[kind] += 1

    def end(self) -> None:
        """Write how many lines of each kind there are, and their sum."""
        counts = {f"{kind.value}s": count for kind, count in self.counts.items()}
        self._file.write(orjson.dumps({"kind": Kind.END.value, **counts, "sum": self._sum.hexdigest()}) + b"\n")


def read_lines(file: Path, *kinds: Kind) -> Iterator[dict[str, Any]]:
    """The lines of some kinds."""
    marks = tuple(b'{"kind":"' + kind.value.encode() + b'"' for kind in kinds)
    with file.open("rb") as lines:
        for line in lines:
            if line.startswith(marks):
                yield orjson.loads(line)


def check_export(file: Path) -> dict[str, Any]:
    """Read an export to its end, and give its head; one that was cut, changed or is of a later version is refused."""
    sum_, last, first = hashlib.sha256(), b"", b""
    try:
        with file.open("rb") as lines:
            for line in lines:
                first = first or line
                sum_.update(last)
                last = line
        head, end = orjson.loads(first or b"{}"), orjson.loads(last or b"{}")
        if head.get("kind") != Kind.HEAD:
            raise PhotosenseError(f"{file} is no export: make one with `photosense export FILE`.")
        if head["format"] not in READ:
            raise PhotosenseError(
                f"{file} is of format {head['format']}, this version reads up to {FORMAT}: import it with the version "
                f"that wrote it, {head.get('version')}, or a later one."
            )
        if end.get("kind") != Kind.END or end["sum"] != sum_.hexdigest():
            raise PhotosenseError(f"{file} was cut or changed: its last line does not sum up the others. Export again.")
    except OSError as error:
        raise PhotosenseError(f"{file} cannot be read: {error.strerror}. Give a file that can.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PhotosenseError(f"{file} is damaged, or no export: make one with `photosense export FILE`.") from None
    return {**head, **end}
