"""Album: the likenesses of photos by name, and which of them another photo is like."""

from base64 import b64decode, b64encode
from functools import cache
from types import ModuleType
from typing import Final

import numpy as np

from common.arrays import Bool, UInt64

VIEWS, WORDS = 7, 4  # hashes of a likeness, and words of 64 bits of a hash
MOST_APART: Final = 66  # of 255 bits; strangers are about 127 apart, and one pair in millions this near
_FIRST_APART: Final = 16  # of the first 63 bits, those of what is large in a photo


class Album:
    """Likenesses by name."""

    def __init__(self) -> None:
        self._likenesses: dict[str, bytes] = {}
        self._known: UInt64 | None = None  # side by side, in the order of the names

    def __len__(self) -> int:
        return len(self._likenesses)

    def put(self, name: str, likeness: bytes) -> None:
        """Keep a likeness under a name, in place of an earlier one."""
        if self._likenesses.get(name) != likeness:
            self._likenesses[name] = likeness
            self._known = None

    def drop(self, name: str) -> None:
        """Forget a name."""
        if self._likenesses.pop(name, None) is not None:
            self._known = None

    def alike(self, questions: UInt64) -> list[str]:
        """The names of the photos that a photo with these questions is like, the earliest first."""
        if not self._likenesses or not len(questions):
            return []
        if self._known is None:
            packed = np.frombuffer(b"".join(self._likenesses.values()), "<u8").astype(np.uint64)
            self._known = packed.reshape(-1, VIEWS, WORDS)
        rows: Bool = _bits().near(questions, self._known, _FIRST_APART, MOST_APART)
        return [name for name, is_near in zip(self._likenesses, rows, strict=True) if is_near]


NO_QUESTIONS: Final = np.zeros((0, WORDS), np.uint64)
LIKENESS: Final = "likeness:"  # before one among the marks of a record


def packed_likeness(likeness: bytes) -> str:
    """Write a likeness as records and payloads keep it; none of a photo that is plain all over."""
    return b64encode(likeness).decode() if any(likeness) else ""


def likeness_of(packed: str) -> bytes:
    """Read a likeness; what is no likeness is a ValueError."""
    likeness = b64decode(packed, validate=True)
    if len(likeness) != 8 * VIEWS * WORDS:
        raise ValueError(f"A likeness has {len(likeness)} bytes, expected {8 * VIEWS * WORDS}: restore the record.")
    return likeness


def load_loops() -> None:
    """Load what compares photos now, so that the first that comes does not wait for it."""
    _bits()


@cache
def _bits() -> ModuleType:
    try:
        from common import bits
    except ImportError:  # a machine without a compiler
        from common import numpy_bits

        return numpy_bits
    return bits
