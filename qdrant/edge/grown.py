"""Arrays that grow: twice as long whenever they are full, so that what is added costs the same each time."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def grown(array: NDArray[T], least: int) -> NDArray[T]:
    """The array, or one of at least twice its rows that begins with them."""
    if len(array) >= least:
        return array
    larger = np.zeros((max(least, 2 * len(array)), *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
