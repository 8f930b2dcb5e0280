"""Steps: numbers and times laid into drawers of one width, so that posts can be counted by them."""

import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdrant.filters import Bound, Range

Step = float | str  # how wide for numbers; year, month or day for times
_UNITS = {"year": "Y", "month": "M", "day": "D"}
_FAR = 2.0**62  # drawers; what is farther lies in the last one
_WIDTH = re.compile(r"\d{1,12}(\.\d{1,6})?")


def read_step(text: str) -> Step | None:
    """Read what stands behind the colon of a facet; None where it is no step."""
    if text in _UNITS:
        return text
    return float(text) if _WIDTH.fullmatch(text) and float(text) > 0 else None


def steps_of(values: NDArray[Any], step: Step) -> NDArray[Any]:
    """The number of the drawer that each number, or time, lies in."""
    if isinstance(step, str):
        return values.astype(f"M8[{_UNITS[step]}]").astype(np.int64)
    return np.clip(np.floor(values / step), -_FAR, _FAR).astype(np.int64)


def start_of(place: int, step: Step) -> Bound:
    """Where a drawer begins; the next one begins where it ends."""
    if isinstance(step, str):
        day = np.array([place], f"M8[{_UNITS[step]}]").astype("M8[D]")[0]
        return datetime.fromisoformat(str(day)).replace(tzinfo=UTC)
    return place * step


def start_of_next(start: Bound, step: Step) -> Bound | None:
    """Where the drawer after one begins; None behind the last one that can be named."""
    if isinstance(start, datetime) or isinstance(step, str):
        return start_or_none(place_of(start, step) + 1, step)
    return start + step if start + step > start else None


def start_or_none(place: int, step: Step) -> Bound | None:
    """Where a drawer begins; None where no time can be as late."""
    try:
        return start_of(place, step)
    except ValueError:  # the year 10000
        return None


def name_of(start: Bound, step: Step) -> str:
    """What people call a drawer: 2024, 2024-05, 2024-05-31, or the number that it begins with."""
    if isinstance(start, datetime):
        return start.date().isoformat()[: {"year": 4, "month": 7}.get(str(step), 10)]
    return f"{start:g}"


def place_of(value: Bound, step: Step) -> int:
    """The number of the drawer that one value lies in."""
    if isinstance(value, datetime):
        return int(steps_of(np.array([value.astimezone(UTC).replace(tzinfo=None)], "M8[us]"), step)[0])
    return int(steps_of(np.array([value]), step)[0])


def within(field: str, place: int, step: Step) -> Range:
    """What lets pass the values of a drawer."""
    return Range(field, at_least=start_of(place, step), below=start_or_none(place + 1, step))
