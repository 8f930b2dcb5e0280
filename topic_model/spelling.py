"""Spelling: the word of the vocabulary that an unknown one was meant to be, if it is only a slip or two away."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LEAST = 4  # shorter words have neighbours that mean something else
LONG = 7  # of so many letters two may be wrong, of fewer one
_SLOTS = 64  # letters are counted in so many classes, to pass over words that cannot be near


class Speller:
    """Knows words and how common they are; finds the nearest, of equals the most common."""

    def __init__(self, words: Mapping[str, float]) -> None:
        self._words = sorted(word for word in words if len(word) >= LEAST - 1 and word.isalpha())
        self._common = np.array([words[word] for word in self._words])
        self._letters = np.array([_letters(word) for word in self._words], np.int16).reshape(-1, _SLOTS)
        self.nearest = lru_cache(maxsize=4096)(self._nearest)

    def _nearest(self, word: str) -> str | None:
        if len(word) < LEAST or not word.isalpha() or not self._words:
            return None
        most = 2 if len(word) >= LONG else 1
        # A slip changes the counts of two letters at most: one gone and one come.
        apart = np.abs(self._letters - _letters(word)).sum(axis=1)
        near = np.flatnonzero(apart <= 2 * most)
        candidates = [(edit_distance(word, self._words[at], most), -self._common[at], self._words[at]) for at in near]
        slips, _, best = min(candidates, default=(most + 1, 0.0, ""))
        return best if 0 < slips <= most and _same_script(word, best) else None


def edit_distance(one: str, other: str, most: int) -> int:
    """Count the slips between two words: a letter more, less, another one, or two swapped.

    No letter is changed twice (optimal string alignment); where there are more than `most`, the answer is `most` + 1.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        earlier, before, row = before, row, [index, *[0] * len(other)]
        for at, its in enumerate(other, 1):
            row[at] = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != its))
            if index > 1 and at > 1 and letter == other[at - 2] and one[index - 2] == its:
                row[at] = min(row[at], earlier[at - 2] + 1)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _letters(word: str) -> NDArray[np.int16]:
    counts = np.zeros(_SLOTS, np.int16)
    for letter in word:
        counts[ord(letter) % _SLOTS] += 1
    return counts


def _same_script(one: str, other: str) -> bool:
    return one.isascii() == other.isascii()
