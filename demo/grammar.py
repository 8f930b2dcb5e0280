"""The caption grammar as data: words and sentence patterns of one language, and Russian and English agreement."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

CASES = ("nom", "gen", "acc", "ins")
_VELARS, _HUSHERS = "гкх", "жшчщ"
_HARD = {"m": ("ый", "ого", "ый", "ым"), "n": ("ое", "ого", "ое", "ым"), "p": ("ые", "ых", "ые", "ыми")}
_SOFT = {"m": ("ий", "его", "ий", "им"), "n": ("ее", "его", "ее", "им"), "p": ("ие", "их", "ие", "ими")}


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun with its forms in a language and the adjectives that suit it."""

    kind: str
    forms: tuple[str, ...]
    adjectives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordLists:
    """The words of one scene in one language."""

    nouns: tuple[Noun, ...]
    places: tuple[str, ...]
    details: tuple[str, ...]
    moments: tuple[str, ...]
    tags: tuple[str, ...]
    spots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language: sentence patterns by purpose, words that all scenes share, and the scenes' own."""

    language: str
    patterns: Mapping[str, tuple[str, ...]]
    scenes: Mapping[str, WordLists]

    def lines(self, purpose: str, scene: str) -> tuple[str, ...]:
        """What is said for the purpose about the scene; lines marked `@` are kept for the open air."""
        inside = scene in self.patterns["indoors"]
        return tuple(line.removeprefix("@ ") for line in self.patterns[purpose] if not (inside and line[0] == "@"))


def decline(adjective: str, kind: str, case: str) -> str:
    """The Russian adjective (masculine nominative) in the gender, number and case of a noun."""
    gender, alive = kind[0], kind.endswith("a")
    index = CASES.index("gen" if case == "acc" and alive and gender in "mp" else case)
    stem, ending = adjective[:-2], adjective[-2:]
    if gender == "m" and CASES[index] in ("nom", "acc"):
        return adjective
    soft = ending == "ий" and stem[-1] == "н"
    if gender == "f":
        if soft:
            return stem + ("яя", "ей", "юю", "ей")[index]
        hushed = stem[-1] in _HUSHERS and ending == "ий"
        return stem + ("ая", "ей" if hushed else "ой", "ую", "ей" if hushed else "ой")[index]
    if soft or (stem[-1] in _HUSHERS and ending == "ий"):
        return stem + _SOFT[gender][index]
    form = _HARD[gender][index]
    return stem + (form.replace("ы", "и", 1) if stem[-1] in _VELARS + _HUSHERS else form)


def english(noun: Noun, adjective: str, article: str) -> str:
    """Adjective and noun with `a`, `the` or no (`bare`) article, as the noun allows."""
    phrase = f"{adjective} {noun.forms[0]}" if adjective else noun.forms[0]
    if article == "the":
        return f"the {phrase}"
    if article == "bare" or noun.kind in ("+", "~"):
        return phrase
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


@cache
def load_grammar(language: str) -> Grammar:
    """The grammar of `ru` or `en` from its data file."""
    text = files("demo").joinpath(f"grammar_{language}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    scenes = {name: _vocabulary(words, language) for name, words in data.pop("scenes").items()}
    return Grammar(language, {name: tuple(lines) for name, lines in data.items()}, scenes)


def _vocabulary(words: Mapping[str, Any], language: str) -> WordLists:
    read = _russian_noun if language == "ru" else _english_noun
    nouns = tuple(read(entry, tuple(adjectives)) for entry, adjectives in words["nouns"].items())
    return WordLists(
        nouns=nouns,
        places=tuple(words["places"]),
        details=tuple(words["details"]),
        moments=tuple(words["moments"]),
        tags=tuple(words["tags"]),
        spots=tuple(words["spots"]),
    )


def _russian_noun(entry: str, adjectives: tuple[str, ...]) -> Noun:
    kind, *forms = entry.split()
    return Noun(kind, tuple(forms), adjectives)


def _english_noun(entry: str, adjectives: tuple[str, ...]) -> Noun:
    kind = entry[-1] if entry[-1] in "+~" else "1"
    return Noun(kind, (entry.rstrip(" +~"),), adjectives)
