"""Text to tokens, the same for posts and queries: Russian lemmas, English stems, hashtags lifted out."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from pymorphy3 import MorphAnalyzer

from topic_model.stemmer import stem

_LINK = re.compile(r"(?:https?://|\bwww\.)\S+")
_ADDRESS = re.compile(r"[\w.+-]{0,64}@[\w.-]+")  # e-mails and mentions; the bound keeps it linear
_HASHTAG = re.compile(r"#(\w+)")
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_CYRILLIC = re.compile(r"[а-я]+")
_LOOK_ALIKES = ("aceopxykmtbhu", "асеорхукмтвни")
_TO_CYRILLIC = str.maketrans(*_LOOK_ALIKES)
_TO_LATIN = str.maketrans(*reversed(_LOOK_ALIKES))


class TextTokens(NamedTuple):
    """Tokens of a text by modality: words and hashtags."""

    text: Counter[str]
    tag: Counter[str]


def tokenize(text: str) -> TextTokens:
    """Count the words and hashtags of a text."""
    text, tags = _lift_hashtags(text)
    return TextTokens(Counter(filter(None, map(word_token, _words(text)))), Counter(filter(None, map(tag_token, tags))))


def surfaces(text: str, *, digits: bool = False) -> Iterator[tuple[str, str]]:
    """Yield each word's token beside the word as people wrote it, to show people words and not stems.

    Numbers in `digits` are no tokens of a text, and come along only where they are wanted.
    """
    for word in _words(_lift_hashtags(text)[0]):
        token = word if digits and word.isdigit() else word_token(word)
        if token:
            yield token, word


@lru_cache(maxsize=500_000)
def word_token(word: str) -> str:
    """Reduce one lower-case word to its lemma (Cyrillic) or stem (other); empty when it says nothing."""
    word = _one_script(word.replace("ё", "е"))
    if len(word) < 2 or word.isdigit() or word in stop_words():
        return ""
    if _CYRILLIC.fullmatch(word):
        lemma = str(_morphology().parse(word)[0].normal_form).replace("ё", "е")
        return "" if lemma in stop_words() else lemma
    return stem(word)  # a stem is no word: "evening" must not be lost for its stem "even"


def is_name(token: str) -> bool:
    """Whether a Russian word is, or may be, a name that people are given; other languages have no dictionary here."""
    if not _CYRILLIC.fullmatch(token):
        return False
    return any({"Name", "Patr"} & parse.tag.grammemes for parse in _morphology().parse(token))


def tag_token(tag: str) -> str:
    """Give a hashtag its one spelling: no sign, lower case, letters, digits and underscores."""
    folded = fold_text(tag).replace("ё", "е")
    return "_".join(_WORD.findall(folded)) if len(folded) <= 100 else ""


@cache
def stop_words() -> frozenset[str]:
    """Words of both languages that carry no topic."""
    folder = files("topic_model") / "data"
    lists = ((folder / name).read_text("utf-8") for name in ("stop_words_ru.txt", "stop_words_en.txt"))
    return frozenset(word for text in lists for line in text.splitlines() for word in line.split("#")[0].split())


def _lift_hashtags(text: str) -> tuple[str, list[str]]:
    text = fold_text(text)
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "@" in text:
        text = _ADDRESS.sub(" ", text)
    return (_HASHTAG.sub(" ", text), _HASHTAG.findall(text)) if "#" in text else (text, [])


def fold_text(text: str) -> str:
    """Write a text as its words are compared: one form of each letter, all of them small."""
    return unicodedata.normalize("NFKC", text).lower()


def _words(folded: str) -> list[str]:
    return _WORD.findall(_POSSESSIVE.sub("", folded) if "'s" in folded or "’s" in folded else folded)


def _one_script(word: str) -> str:
    """Fold a word that mixes Cyrillic and Latin look-alikes to the script that takes all of it."""
    if word.isascii() or not any("a" <= letter <= "z" for letter in word):
        return word
    for table, whole in ((_TO_CYRILLIC, _CYRILLIC), (_TO_LATIN, re.compile("[a-z]+"))):
        folded = word.translate(table)
        if whole.fullmatch(folded):
            return folded
    return word


@cache
def _morphology() -> MorphAnalyzer:
    return MorphAnalyzer(lang="ru")
