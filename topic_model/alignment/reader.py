"""What reads texts for their meaning, as far as alignment knows it, and which wording of a question it is given."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

from common.arrays import Float32

_LETTERS: Final = {"en": re.compile(r"[a-z]", re.IGNORECASE), "ru": re.compile(r"[а-яё]", re.IGNORECASE)}
Wordings = Sequence[str]
"""A text, and the same in other words or another language, the one that was written first."""


class TextReader(Protocol):
    """A text encoder: a row of length 1 for each text, zeros for one that says nothing."""

    @property
    def id(self) -> str:
        """Rows of two ids never mix."""

    @property
    def size(self) -> int:
        """Length of a row."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Which it was taught; none named: any."""

    def embed(self, texts: Sequence[str]) -> Float32:
        """Place texts."""


def read_all(reader: TextReader, texts: Sequence[Wordings]) -> Float32:
    """Place texts, each by the first wording that is wholly in a language that the reader was taught."""
    return reader.embed([_readable(wordings, reader.languages) for wordings in texts])


def _readable(wordings: Wordings, languages: Sequence[str]) -> str:
    if not languages:
        return wordings[0] if wordings else ""
    strange = [letters for language, letters in _LETTERS.items() if language not in languages]
    return next((text for text in wordings if not any(letters.search(text) for letters in strange)), "")
