"""Whether something is an ordinary word, so that two words side by side are not taken for a broken one."""

from functools import cache
from pathlib import Path

import pymorphy3

_ENGLISH = Path(__file__).parents[1] / "data" / "english_words.txt"


def is_russian_word(text: str) -> bool:
    """Whether the dictionary of Russian knows the word."""
    return bool(_analyzer().word_is_known(text))


@cache
def english_words() -> frozenset[str]:
    """The English words that are written as they stand, in small letters."""
    return frozenset(_ENGLISH.read_text("utf-8").split())


@cache
def _analyzer() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()
