"""What the lexicon finds of two independent lists, by kind and language; list A may be tuned on, list B never.

No phrase of list B is ever printed: who has read it tunes on it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance.lexicon.lexicon import Lexicon

FOLDER = Path(__file__).parent / "lists"
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class KindShares:
    """Of a file's phrases of each kind, how many there are and how many the lexicon finds."""

    of: Mapping[str, int]
    found: Mapping[str, int]

    @property
    def share(self) -> float:
        """The phrases that were found, of all kinds."""
        return sum(self.found.values()) / sum(self.of.values())


def by_kind(lexicon: Lexicon, letter: str, what: str, language: str) -> KindShares:
    """The shares of one file: of list a or b, of children or harmless."""
    lines = (FOLDER / f"{letter}_{what}_{language}.txt").read_text("utf-8").splitlines()
    phrases = [line.split("\t", 1) for line in lines if line]
    of = Counter(kind for kind, _ in phrases)
    return KindShares(of, Counter(kind for kind, phrase in phrases if lexicon.find(phrase)))
