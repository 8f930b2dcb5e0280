"""Widening: the words of a question, and beside each those that say the same, which weigh less.

Own words come first. Where nobody here uses a word, those of its idea stand in its place with all its weight: a
question in the language that no post speaks is as good as one in the other.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from common.arrays import Float64
from topic_model.document import TEXT, Document
from topic_model.ideas.idea import Language, Phrase
from topic_model.ideas.ideas import Ideas, Meaning, said_otherwise
from topic_model.model import TopicModel
from topic_model.tokens import fold_text

_LATIN, _CYRILLIC = re.compile(r"[a-z]\w*"), re.compile(r"[а-яё]\w*")
WIDENED = 0.15  # of a word's weight goes to the others of its idea as well: fitted on photos that nobody learned from


class Other(NamedTuple):
    """What says the same as a word: tokens, several of them if it is a phrase, and a share of 1 at most.

    Of a word that may mean two things what says the one has half.
    """

    tokens: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Widening:
    """What a question means, and `others`: for each token of it those that say the same.

    `translations` are its texts in the other language, as far as they are understood. A number in digits, which is no
    token of texts, stands among the others as well.
    """

    meanings: tuple[Meaning, ...] = ()
    translations: tuple[str, ...] = ()
    others: Mapping[str, tuple[Other, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def wordings(self, text: str) -> tuple[str, ...]:
        """A text as it was put, and in the other language, as far as it is understood."""
        return (text, *self.translations)

    def words(self, own: Mapping[str, float], model: TopicModel | None) -> dict[str, float]:
        """The words to find posts by: the own ones, and the others by their weight."""
        widened = dict(own)
        for token, others in self.others.items():
            weight = _weight(token, model)
            for other, share in _counted(others).items():
                widened[other] = max(widened.get(other, 0.0), weight * share)
        return widened

    def document(self, own: Document, model: TopicModel | None) -> Document:
        """The question as a model should hear it: the others share what their word gives, the commoner ones more."""
        if model is None or not self.others:
            return own
        text = dict(own.get(TEXT, {}))
        for token in self.others:
            likely = {other: other.share * _usual(other, model) for other in self._known(token, model)}
            total = sum(likely.values())
            count = _weight(token, model) * own.get(TEXT, {}).get(token, 1.0)
            for other, part in likely.items():
                for each in other.tokens:
                    text[each] = text.get(each, 0.0) + count * part / total / len(other.tokens)
        return {**own, TEXT: text} if text else own

    def table(self, words: Sequence[str], model: TopicModel) -> tuple[list[str], Float64]:
        """All tokens for the words of a question, and how much each counts as each: tokens x words.

        Those that the model does not know are among them: a post may say them all the same.
        """
        columns = [*words, *(token for token in self.others if token.isdigit() and token not in words)]
        same = [_counted(self.others.get(word, ())) for word in columns]
        tokens = list(dict.fromkeys([*words, *(other for others in same for other in others)]))
        row = {token: number for number, token in enumerate(tokens)}
        table = np.zeros((len(tokens), len(columns)))
        for column, (word, others) in enumerate(zip(columns, same, strict=True)):
            for other, share in others.items():
                table[row[other], column] = _weight(word, model) * share
            if word in row:
                table[row[word], column] = 1.0
        return tokens, table[:, table.any(axis=0)]

    def substitute(self, words: Iterable[str], model: TopicModel) -> list[str]:
        """Words for a model that counts each by itself: of an unknown one the commonest that says the same."""
        return [self._substitute(word, model) for word in words]

    def is_said(self, token: str, words: Container[str]) -> bool:
        """Whether this word of the question is among some words, or all of a phrase that says the same."""
        return token in words or any(
            all(each in words for each in other.tokens) for other in self.others.get(token, ())
        )

    def tokens(self, token: str) -> Iterator[str]:
        """The words that say the same as this one of the question."""
        return (other.tokens[0] for other in self.others.get(token, ()) if len(other.tokens) == 1)

    def is_known(self, token: str, model: TopicModel | None) -> bool:
        """Whether a model knows a word that says the same as this one."""
        return model is not None and bool(self._known(token, model))

    def as_said(self, token: str) -> str:
        """A token that says the same, as people write it."""
        return self._sayings.get(token, token)

    @cached_property
    def _sayings(self) -> Mapping[str, str]:
        """Each token of what says the same, and the shortest text it stands in: asked for every hit of a page."""
        sayings: dict[str, str] = {}
        for phrase in self._phrases():
            for token in phrase.tokens:
                sayings[token] = min(sayings.get(token, phrase.text), phrase.text, key=lambda text: (len(text), text))
        return sayings

    def texts(self) -> Iterator[str]:
        """Each word that is searched beside the question's own, as people write it."""
        return (phrase.text for phrase in self._phrases())

    def _phrases(self) -> Iterator[Phrase]:
        senses = dict.fromkeys(sense for meaning in self.meanings for sense in meaning.senses)
        return (phrase for sense in senses for phrase in said_otherwise(sense))

    def _known(self, token: str, model: TopicModel) -> list[Other]:
        return [other for other in self.others.get(token, ()) if all(_knows(model, each) for each in other.tokens)]

    def _substitute(self, word: str, model: TopicModel) -> str:
        known = self._known(word, model)
        if _knows(model, word) or not known:
            return word
        best = max(known, key=lambda other: (other.share * _usual(other, model), other.tokens))
        return max(best.tokens, key=len)


NOTHING_MORE = Widening()


def widen(texts: Iterable[str], ideas: Ideas | None) -> Widening:
    """Find what the words of a question may mean, and what says the same."""
    if ideas is None:
        return NOTHING_MORE
    by_text = [(text, list(ideas.read([text]))) for text in texts]
    meanings = tuple(meaning for _, of_text in by_text for meaning in of_text)
    others: dict[str, tuple[Other, ...]] = {}
    for meaning in meanings:
        shares: dict[tuple[str, ...], float] = {}
        for phrase in (phrase for sense in meaning.senses for phrase in said_otherwise(sense)):
            shares[phrase.tokens] = shares.get(phrase.tokens, 0.0) + 1 / len(meaning.senses)
        more = tuple(
            Other(tokens, min(share, 1.0)) for tokens, share in shares.items() if not set(tokens) <= set(meaning.tokens)
        )
        others |= {token: more for token in meaning.tokens if more and token not in others}
    translations = (_translated(text, of_text, language) for text, of_text in by_text for language in Language)
    return Widening(meanings, tuple(filter(None, translations)), others)


def _translated(text: str, meanings: Iterable[Meaning], language: Language) -> str:
    """A text in a language, as far as it is understood; nothing where it is in that language already.

    Words of another language that nobody understands are left out: they mean what they do in the text as it was typed.
    """
    folded = fold_text(text)
    foreign = _LATIN if language is Language.RUSSIAN else _CYRILLIC
    if not any(foreign.search(meaning.typed) for meaning in meanings):
        return ""
    rest, parts = folded, []
    for meaning in meanings:
        usual = meaning.senses[0].usual(language)
        for word in meaning.typed.split():
            before, _, rest = rest.partition(word)
            parts += [foreign.sub("", before), usual]
            usual = ""
    return "".join([*parts, foreign.sub("", rest)])


def _counted(others: Iterable[Other]) -> dict[str, float]:
    """What each token of others counts; those of a phrase share what it does."""
    counted: dict[str, float] = {}
    for tokens, share in others:
        for token in tokens:
            counted[token] = max(counted.get(token, 0.0), share / len(tokens))
    return counted


def _knows(model: TopicModel, token: str) -> bool:
    return token in model.vocabulary.rows.get(TEXT, ())


def _usual(other: Other, model: TopicModel) -> float:
    """How common it is; a phrase as its rarest word."""
    rows = model.vocabulary.rows[TEXT]
    return float(min(model.unigram[rows[token]] for token in other.tokens))


def _weight(token: str, model: TopicModel | None) -> float:
    """A word that is known shares its weight with the others, one that is not gives them all."""
    return WIDENED if model is None or _knows(model, token) else 1.0
