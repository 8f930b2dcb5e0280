"""Posts as the lines of bulk requests: encoded, and collected into batches."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

MOST_LINES: Final = 500
MOST_BYTES: Final = 8 * 2**20


def json_line(fields: Mapping[str, Any]) -> bytes:
    """Encode a post, or a body, as one line of JSON; a photo may be bytes or a path, times may be dates of Python."""
    photo = fields.get("photo")
    if isinstance(photo, Path):
        photo = photo.read_bytes()
    if isinstance(photo, bytes | bytearray | memoryview):
        fields = {**fields, "photo": b64encode(photo).decode()}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, date):  # datetimes are dates, too
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"A post cannot hold {value!r}: give text, numbers, booleans, lists, dates, or a photo's bytes.")


class Batch:
    """Lines that are sent together."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._size = 0

    def add(self, line: bytes) -> None:
        """Add a line."""
        self.lines.append(line)
        self._size += len(line)

    @property
    def is_full(self) -> bool:
        """Whether it should be sent before more is added."""
        return len(self.lines) >= MOST_LINES or self._size >= MOST_BYTES
