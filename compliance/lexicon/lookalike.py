"""Letters, digits and signs that stand for one another between Latin, Cyrillic and leet."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import cast

from compliance.yamlfile import read_yaml

_TABLES = Path(__file__).parents[1] / "data" / "lookalikes.yaml"
_RUNS = re.compile(r"(.)\1+", re.DOTALL)
_YERU = re.compile("[bьъ][li1|іӏι!]")


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """One script to read a word in: what each character may stand for there.

    `looks` holds for every word; `sounds` only for a word that mixes scripts or holds digits, because a plain
    Russian "сон" is a dream and nobody's son. Letters that one character may stand for share a class: all of them
    have one skeleton, so that one look-up finds every candidate and `stands_for` then tells them apart.
    """

    letters: frozenset[str]
    looks: Mapping[str, frozenset[str]]
    sounds: Mapping[str, frozenset[str]]
    first: Mapping[int, str]
    classes: Mapping[int, str]

    def plain(self, word: str) -> str:
        """The word with each character replaced by the letter that it most likely stands for."""
        return word.translate(self.first)

    def skeleton(self, word: str) -> str:
        """The word with each character replaced by its class; equal for all disguises of one word, but for runs."""
        return word.translate(self.classes)

    def stands_for(self, word: str, term: str) -> bool:
        """Whether the word is the term in disguise; their squeezed skeletons are known to be equal.

        A run of a letter may be longer than the term's ("chiiild"), never shorter ("ten" is not "teen").
        """
        mixed = not self._plainly_written(word)
        for mine, its in zip(_runs(self.skeleton(word)), _runs(self.skeleton(term)), strict=True):
            letters = frozenset(term[its])
            if mine.stop - mine.start < its.stop - its.start:
                return False
            if not all(self._may_be(character, letters, mixed) for character in word[mine]):
                return False
        return True

    def _may_be(self, character: str, letters: frozenset[str], mixed: bool) -> bool:
        if character in letters or self.looks.get(character, frozenset()) & letters:
            return True
        return mixed and bool(self.sounds.get(character, frozenset()) & letters)

    def _plainly_written(self, word: str) -> bool:
        own = sum(character in self.letters for character in word)
        return own == len(word) or (own == 0 and word.isalpha())


def squeeze(text: str) -> str:
    """The text with every run of one character shortened to one."""
    return _RUNS.sub(r"\1", text)


def join_yeru(text: str) -> str:
    """The text with ы put together from its two halves (ьl, bl, ь1)."""
    return _YERU.sub("ы", text)


def _runs(text: str) -> Iterator[slice]:
    at = 0
    for _, run in groupby(text):
        length = sum(1 for _ in run)
        yield slice(at, at + length)
        at += length


def _classes(tables: list[Mapping[str, str]]) -> Mapping[str, str]:
    """For each letter the smallest one of its class, where letters that share a stand-in share a class."""
    root: dict[str, str] = {}

    def find(letter: str) -> str:
        while root.setdefault(letter, letter) != letter:
            letter = root[letter]
        return letter

    stand_for: dict[str, str] = {}
    for table in tables:
        for character, letters in table.items():
            stand_for[character] = stand_for.get(character, "") + letters
    for letters in stand_for.values():
        for letter in letters:
            low, high = sorted((find(letters[0]), find(letter)))
            root[high] = low
    return {letter: find(letter) for letter in list(root)}


@cache
def script(name: str) -> Script:
    """The script of that name, "latin" or "cyrillic"."""
    table = cast("dict[str, dict[str, str]]", read_yaml(_TABLES)[name])
    looks, sounds = table["looks"], table["sounds"]
    own = frozenset(table["letters"])
    classes = _classes([looks, sounds])
    # A letter of the script itself stays what it is; it only shares a class with those it may be taken for.
    first = {ord(key): value[0] for key, value in (sounds | looks).items() if key not in own}
    grouped = {ord(key): classes[value[0]] for key, value in (sounds | looks).items()}
    grouped |= {ord(letter): group for letter, group in classes.items() if letter in own}
    return Script(
        own,
        {key: frozenset(value) for key, value in looks.items()},
        {key: frozenset(value) for key, value in sounds.items()},
        first,
        grouped,
    )
