"""What a network told of the faces in a photo, out of all numbers that were kept of it."""

from collections.abc import Sequence
from typing import NamedTuple

_COUNT, _YOUNGEST, _AGED = ".count", ".youngest", ".under_13"  # what a source of faces tells, and no other source


class FaceNumbers(NamedTuple):
    """How many faces there are, and how old the youngest of them looks, where there is one."""

    faces: int
    youngest: float | None


def face_numbers(numbers: Sequence[float] | None, names: Sequence[str]) -> FaceNumbers | None:
    """The faces among numbers with these names; None where no network looked for faces."""
    if numbers is None or len(numbers) != len(names):
        return None
    told = dict(zip(names, numbers, strict=True))
    for name in names:
        source = name.removesuffix(_COUNT)
        if name.endswith(_COUNT) and {source + _YOUNGEST, source + _AGED} <= told.keys():
            faces = round(told[name])
            return FaceNumbers(faces, round(told[source + _YOUNGEST], 1) if faces else None)
    return None
