"""Idea: something that a photo may show, and how people say it in English and in Russian."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Language(StrEnum):
    """A language that ideas have words of."""

    ENGLISH = "en"
    RUSSIAN = "ru"


class Phrase(NamedTuple):
    """A word, or a phrase of a few, as people write it, and its tokens in order; a lower `rank` is the more usual."""

    text: str
    tokens: tuple[str, ...]
    rank: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Idea:
    """A name, words by language, the usual one first; other forms of them, and slips, by which it is only heard."""

    name: str
    words: Mapping[Language, tuple[Phrase, ...]]
    forms: tuple[Phrase, ...] = ()
    slips: tuple[Phrase, ...] = ()

    def usual(self, language: Language) -> str:
        """The usual word of a language."""
        return self.words[language][0].text
