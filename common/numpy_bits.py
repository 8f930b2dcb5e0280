"""Bits that differ between many hashes, on machines without a compiler; twenty times as slow."""

import numpy as np

from common.arrays import Bool, UInt64


def near(questions: UInt64, known: UInt64, first: int, most: int) -> Bool:
    """Which rows of `known` have a view that a question is near, as the compiled loops tell it."""
    rows = np.zeros(len(known), np.bool_)
    for row, views in enumerate(known):
        view, question = np.nonzero(np.bitwise_count(views[:, None, 0] ^ questions[None, :, 0]) <= first)
        rows[row] = (np.bitwise_count(views[view] ^ questions[question]).sum(axis=1) <= most).any()
    return rows
