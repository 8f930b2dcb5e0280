"""Reads files of ideas, and refuses with a sentence what is none: `dog: dog, hound; dgo | собака, пёс`."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import yaml

from topic_model.errors import IdeasWrong
from topic_model.ideas.idea import Idea, Language, Phrase
from topic_model.tokens import surfaces

LONGEST = 4  # words of a phrase that say something
_FORM, _SLIP = 0.5, 100.0  # how much later than the words themselves other forms, and slips, are believed
_LETTERS = {Language.ENGLISH: re.compile(r"[a-zà-ÿ0-9' &./-]+"), Language.RUSSIAN: re.compile(r"[а-яё0-9' &./-]+")}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_ideas(sources: Mapping[str, str]) -> list[Idea]:
    """Read the texts of files, by name; a name of an idea stands once in all of them."""
    homes: dict[str, str] = {}
    ideas = []
    for file, text in sources.items():
        for line, name, words in _lines(file, text):
            place = f"{file}, line {line}, {name!r}"
            if name in homes:
                raise IdeasWrong(f"{place}: {homes[name]} has this idea already. Join the two, or name one otherwise.")
            homes[name] = file
            ideas.append(_idea(name, words, place))
    return ideas


def word_of(text: str) -> Phrase:
    """A word or a phrase with the tokens that texts get for it; numbers in digits are tokens here."""
    return Phrase(text, tuple(token for token, _ in surfaces(text, digits=True)))


def _lines(file: str, text: str) -> Iterator[tuple[int, str, str]]:
    """The entries of a file, with their lines; YAML itself would forget the first of two of one name."""
    try:
        whole = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise IdeasWrong(f"{file} is no YAML ({' '.join(str(error).split())}): write `name: words | слова`.") from None
    if whole is None:
        return
    if not isinstance(whole, yaml.MappingNode):
        raise IdeasWrong(f"{file} holds no ideas: write a line `name: words | слова` for each.")
    for key, value in whole.value:
        line = key.start_mark.line + 1
        if not (isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)):
            raise IdeasWrong(f"{file}, line {line}: an idea is one line, `name: words | слова`.")
        yield line, key.value, value.value


def _idea(name: str, text: str, place: str) -> Idea:
    sides = text.split("|")
    if len(sides) != len(Language):
        raise IdeasWrong(f"{place}: write English words, one bar, Russian words, as `dog, hound | собака, пёс`.")
    words: dict[Language, tuple[Phrase, ...]] = {}
    slips: list[Phrase] = []
    for language, side in zip(Language, sides, strict=True):
        usual, _, misspelt = side.partition(";")
        words[language] = _words(usual, language, place)
        slips += (word._replace(rank=_SLIP) for word in _words(misspelt, language, place))
        if not words[language]:
            raise IdeasWrong(f"{place}: one side of the bar is empty. Give the idea a word in each language.")
    return Idea(name, words, tuple(_forms(words[Language.ENGLISH])), tuple(slips))


def _words(text: str, language: Language, place: str) -> tuple[Phrase, ...]:
    words: dict[tuple[str, ...], Phrase] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        if not _LETTERS[language].fullmatch(part):
            raise IdeasWrong(f"{place}: {part!r} is not written in small letters of its side's language.")
        word = word_of(part)
        if not 1 <= len(word.tokens) <= LONGEST:
            raise IdeasWrong(
                f"{place}: {part!r} has {len(word.tokens)} words that say something, and 1 to {LONGEST} are wanted."
            )
        words.setdefault(word.tokens, word._replace(rank=float(len(words))))
    return tuple(words.values())


def _forms(words: tuple[Phrase, ...]) -> Iterator[Phrase]:
    """Plurals and tenses that no stem leads back from: a man, men; to catch, caught."""
    for word in words:
        head, _, last = word.text.rpartition(" ")
        others = irregular_forms().get(last, ())
        if last.endswith("man") and last not in irregular_forms():
            others = (last.removesuffix("man") + "men",)
        for form in others:
            other = word_of(f"{head} {form}".strip())
            if other.tokens and other.tokens != word.tokens:
                yield other._replace(rank=word.rank + _FORM)


@cache
def irregular_forms() -> dict[str, tuple[str, ...]]:
    """The words whose forms have another stem, from the file that ships: each line a word and its forms."""
    text = (files("topic_model") / "data" / "irregular_en.txt").read_text("utf-8")
    lines = (line.split("#")[0].split() for line in text.splitlines())
    return {first: tuple(forms) for first, *forms in filter(None, lines)}


def shipped_sources() -> dict[str, str]:
    """The texts of the files of ideas that ship."""
    folder = files("topic_model") / "data" / "ideas"
    shipped = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name: file.read_text("utf-8") for file in shipped}
