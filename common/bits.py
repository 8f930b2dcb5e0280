"""Bits that differ between many hashes, as compiled loops: the second file that needs a compiler (numba)."""

import numpy as np
from numba import njit

from common.arrays import Bool, UInt64

_ONES, _TWOS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_FOURS, _BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
_1, _2, _4, _56 = (np.uint64(shift) for shift in (1, 2, 4, 56))


@njit(inline="always")
def _count(bits: np.uint64) -> np.uint64:  # compilers know this sum, and use the processor's own
    bits = bits - ((bits >> _1) & _ONES)
    bits = (bits & _TWOS) + ((bits >> _2) & _TWOS)
    return (((bits + (bits >> _4)) & _FOURS) * _BYTES) >> _56


@njit(nogil=True, cache=True)
def near(questions: UInt64, known: UInt64, first: int, most: int) -> Bool:
    """Which rows of `known` (n x views x words) have a view that a question (q x words) is near.

    That is at most `first` bits away in the first word, and at most `most` in all.
    """
    rows = np.zeros(len(known), np.bool_)
    heads = questions[:, 0].copy()
    for row in range(len(known)):
        for view in range(known.shape[1]):
            head = known[row, view, 0]
            least = np.uint64(64)
            for each in heads:
                least = min(least, _count(head ^ each))
            if least > first:
                continue
            for question in range(len(questions)):
                bits = _count(head ^ heads[question])
                if bits > first:
                    continue
                for word in range(1, known.shape[2]):
                    bits += _count(known[row, view, word] ^ questions[question, word])
                if bits <= most:
                    rows[row] = True
    return rows
