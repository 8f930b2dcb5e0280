"""Whether something is an ordinary word, so that two words side by side are not taken for a broken one."""

from functools import cache

import pymorphy3


def is_russian_word(text: str) -> bool:
    """Whether the dictionary of Russian knows the word."""
    return bool(_analyzer().word_is_known(text))


@cache
def _analyzer() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()
