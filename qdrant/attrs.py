"""The site's own fields, sorted by what they hold, so that each kind has an index it can be filtered by."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

LONGEST_WORD = 256
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?")
_UNNAMEABLE = re.compile(r'["\\\x00-\x1f]')


class AttrKind(StrEnum):
    """What an index holds."""

    WORD = "word"
    NUMBER = "number"
    TIME = "time"
    PLACE = "place"
    TEXT = "text"


def nameable(name: str) -> bool:
    """Whether an attr can be filtered by: some signs would break the path of its field."""
    return bool(name) and not _UNNAMEABLE.search(name)


def path(kind: AttrKind, name: str) -> str:
    """Name the payload field in which the values of an attr stand that are of this kind."""
    return f'typed.{kind}."{name}"'


def unquoted(field: str) -> str:
    """Write a path as engines list it where quotes are not needed."""
    return field.replace('"', "")


def called(field: str) -> str:
    """Say what the site calls a payload field."""
    _, kind, *name = field.split(".", 2) if field.startswith("typed.") else ("", field)
    return f"attrs.{name[0].strip(chr(34))} as a {kind}" if name else field


def values_of(payload: Mapping[str, Any], field: str) -> list[Any]:
    """The values that a payload has in a field, which may be one of those within `typed`."""
    if field.startswith("typed."):
        _, kind, name = field.split(".", 2)
        value = ((payload.get("typed") or {}).get(kind) or {}).get(name.strip('"'))
    else:
        value = payload.get(field)
    return value if isinstance(value, list) else [] if value is None else [value]


def value_of(stored: Any) -> float | datetime:
    """Read a number or a time as it stands in a payload."""
    return datetime.fromisoformat(stored) if isinstance(stored, str) else float(stored)


def typed(attrs: Mapping[str, Any]) -> dict[AttrKind, dict[str, list[Any]]]:
    """Sort the values of attrs by kind.

    Strings and booleans are words; numbers are words (to be equal to) and numbers (to lie between); a string that is an
    RFC 3339 time or date is a time as well; `{"lat": ..., "lon": ...}` is a place. What is none of these is only shown.
    """
    sorted_: dict[AttrKind, dict[str, list[Any]]] = {}
    for name, attr in attrs.items():
        if not nameable(name):
            continue
        for value in attr if isinstance(attr, list | tuple) else [attr]:
            for kind, form in _forms(value):
                sorted_.setdefault(kind, {}).setdefault(name, []).append(form)
    return sorted_


def word(value: str | float) -> str:
    """Write a value as the word that equal values share."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def moment(text: str) -> datetime | None:
    """Read an RFC 3339 time or date; without an offset it is UTC, a date is its midnight."""
    if not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(time: datetime) -> str:
    """Write a time so that every engine reads it."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _forms(value: Any) -> list[tuple[AttrKind, Any]]:
    match value:
        case bool():
            return [(AttrKind.WORD, word(value))]
        case int() | float():
            return [(AttrKind.WORD, word(value)), (AttrKind.NUMBER, float(value))]
        case str() if 0 < len(value) <= LONGEST_WORD:
            time = moment(value)
            return [(AttrKind.WORD, value), *([(AttrKind.TIME, stamp(time))] if time else [])]
        case {"lat": int() | float() as lat, "lon": int() | float() as lon} if abs(lat) <= 90 and abs(lon) <= 180:
            return [(AttrKind.PLACE, {"lat": float(lat), "lon": float(lon)})]
        case _:
            return []
