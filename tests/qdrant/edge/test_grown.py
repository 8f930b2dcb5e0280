"""Arrays that grow keep what they hold."""

import numpy as np

from qdrant.edge.grown import grown


def test_an_array_that_is_large_enough_is_itself() -> None:
    """Nothing is copied for nothing."""
    array = np.arange(4)
    assert grown(array, 4) is array


def test_a_larger_one_begins_with_what_there_was() -> None:
    """It is twice as long at least, of the same kind, and its new rows are empty."""
    array = np.ones((3, 2), np.float32)
    larger = grown(array, 4)
    assert larger.shape == (6, 2)
    assert larger.dtype == np.float32
    assert larger.tolist() == [[1, 1]] * 3 + [[0, 0]] * 3
    assert grown(array, 50).shape == (50, 2)
