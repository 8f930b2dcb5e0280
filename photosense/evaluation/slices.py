"""Slices: kinds of text questions that are worth a figure of their own."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from topic_model.tokens import word_token

_WORD: Final = re.compile(r"[^\W_]+")
_CYRILLIC: Final = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN: Final = re.compile(r"[a-z]", re.IGNORECASE)
_COLOURS: Final = (
    "red orange yellow green blue purple violet pink brown black white grey gray golden silver beige turquoise "
    "красный оранжевый желтый зеленый синий голубой фиолетовый розовый коричневый черный белый серый золотой "
    "серебряный бежевый бирюзовый рыжий алый"
)
_NUMBERS: Final = (
    "two three four five six seven eight nine ten eleven twelve dozen couple pair both single several "
    "два две двух двое трое четверо три трех четыре четырех пять шесть семь восемь девять десять десяток пара оба "
    "обе несколько один одна одно"
)

ALL: Final = (
    "one word", "two or three words", "long", "Russian", "English", "with an unknown word", "number or colour",
)  # fmt: skip


def slices_of(text: str, *, unknown: bool) -> Iterator[str]:
    """Name the slices that a question belongs to."""
    words = _WORD.findall(text.lower().replace("ё", "е"))
    yield "one word" if len(words) <= 1 else "two or three words" if len(words) <= 3 else "long"
    russian, english = (len(letters.findall(text)) for letters in (_CYRILLIC, _LATIN))
    if russian or english:
        yield "Russian" if russian >= english else "English"
    if unknown:
        yield "with an unknown word"
    if any(word.isdigit() or word in _counted() or word_token(word) in _counted() for word in words):
        yield "number or colour"


@cache
def _counted() -> frozenset[str]:
    """Numbers and colours as people write them and as tokens: some are too common to be tokens at all."""
    return frozenset(word for each in f"{_COLOURS} {_NUMBERS}".split() for word in (each, word_token(each)) if word)
