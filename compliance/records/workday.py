"""What people decided on one day, read from the end of the record: a long one is not read for it."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from compliance.consent import parse_time
from compliance.records.audit import Event
from compliance.records.identifier import public_identifier
from compliance.records.volumes import closed_volumes, entry_of, whole_lines

_BLOCK: Final = 1 << 16  # bytes that are read at once, from the end on


@dataclass(slots=True)
class Workday:
    """Decisions of a day (UTC), those that were taken back, and who decided how much."""

    day: date
    decided: int = 0
    undone: int = 0
    by: Counter[str] = field(default_factory=Counter)


def workday(audit: Path | None, now: datetime) -> Workday:
    """Count what was decided on the day of `now`; nothing where nothing is recorded."""
    day = Workday(now.astimezone(UTC).date())
    for entry in _latest_first(audit) if audit is not None else ():
        try:
            if parse_time(entry["at"]).astimezone(UTC).date() < day.day:
                break
        except (KeyError, TypeError, ValueError):
            continue  # the evidence pack names it
        if entry.get("event") == Event.DECIDED:
            day.decided += 1
            day.by[public_identifier(str(entry.get("by") or ""))] += 1
        elif entry.get("event") == Event.UNDONE:
            day.undone += 1
    return day


def _latest_first(path: Path) -> Iterator[dict[str, Any]]:
    for file in (path, *reversed(closed_volumes(path))):
        packed = file.suffix == ".gz"
        for line in reversed(list(whole_lines(file))) if packed else _lines_from_the_end(file):
            entry = entry_of(line)
            if entry is not None:
                yield entry


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return
    with file:
        end, rest = file.seek(0, os.SEEK_END), b""
        while end:
            start = max(end - _BLOCK, 0)
            file.seek(start)
            first, *lines = (file.read(end - start) + rest).split(b"\n")
            yield from reversed(lines)
            end, rest = start, first
        yield rest
