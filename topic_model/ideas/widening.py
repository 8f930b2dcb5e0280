"""Widening: the words of a question, and beside each those that say the same, which weigh less.

Own words come first. Where nobody here uses a word, those of its idea stand in its place with all its weight: a
question in the language that no post speaks is as good as one in the other.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from common.arrays import Float64
from topic_model.document import TEXT, Document
from topic_model.ideas.idea import Language
from topic_model.ideas.ideas import Ideas, Meaning, said_otherwise
from topic_model.model import TopicModel

WIDENED = 0.3  # of a word's weight goes to the others of its idea as well: fitted on posts that nobody learned from

Others = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Widening:
    """What a question means; `others` are, for each token of it, those that say the same, with a share of 1 at most.

    A number in digits, which is no token of texts, stands among them as well.
    """

    meanings: tuple[Meaning, ...] = ()
    others: Others = field(default_factory=lambda: MappingProxyType({}))

    def words(self, own: Mapping[str, float], model: TopicModel | None) -> dict[str, float]:
        """The words to find posts by: the own ones, and the others by their weight."""
        widened = dict(own)
        for token, others in self.others.items():
            weight = _weight(token, model)
            for other, share in others.items():
                widened[other] = max(widened.get(other, 0.0), weight * share)
        return widened

    def document(self, own: Document, model: TopicModel | None) -> Document:
        """The question as a model should hear it: the others share what their word gives, the commoner ones more."""
        if model is None or not self.others:
            return own
        text = dict(own.get(TEXT, {}))
        for token, others in self.others.items():
            likely = {other: share * _usual(other, model) for other, share in others.items() if _knows(model, other)}
            total = sum(likely.values())
            count = _weight(token, model) * own.get(TEXT, {}).get(token, 1.0)
            for other, part in likely.items():
                text[other] = text.get(other, 0.0) + count * part / total
        return {**own, TEXT: text} if text else own

    def table(self, words: Sequence[str], model: TopicModel) -> tuple[list[str], Float64]:
        """All tokens for the words of a question, and how much each counts as each: tokens x words."""
        columns = [*words, *(token for token in self.others if token.isdigit() and token not in words)]
        tokens = list(dict.fromkeys([*words, *(other for word in columns for other in self._known(word, model))]))
        table = np.zeros((len(tokens), len(columns)))
        row = {token: number for number, token in enumerate(tokens)}
        for column, word in enumerate(columns):
            for other, share in self._known(word, model).items():
                table[row[other], column] = _weight(word, model) * share
            if word in row:
                table[row[word], column] = 1.0
        return tokens, table[:, table.any(axis=0)]

    def substitute(self, words: Iterable[str], model: TopicModel) -> list[str]:
        """Words for a model that counts each by itself: of an unknown one the commonest that says the same."""
        return [self._substitute(word, model) for word in words]

    def as_said(self, token: str) -> str:
        """A token that says the same, as people write it."""
        senses = (sense for meaning in self.meanings for sense in meaning.senses)
        words = (word for sense in senses for word in said_otherwise(sense) if token in word.tokens)
        return min((word.text for word in words), key=lambda text: (len(text), text), default=token)

    def is_known(self, token: str, model: TopicModel | None) -> bool:
        """Whether a model knows a word that says the same as this one."""
        return model is not None and bool(self._known(token, model))

    def said(self, language: Language) -> Iterator[str]:
        """Each meaning by the usual word of a language, as far as it is known."""
        return (meaning.senses[0].usual(language) for meaning in self.meanings)

    def is_said(self, token: str, words: Container[str]) -> bool:
        """Whether this word of the question is among some words, or one that says the same."""
        return token in words or any(other in words for other in self.others.get(token, ()))

    def texts(self) -> Iterator[str]:
        """Each word that is searched beside the question's own, as people write it."""
        senses = dict.fromkeys(sense for meaning in self.meanings for sense in meaning.senses)
        return (word.text for sense in senses for word in said_otherwise(sense))

    def _known(self, word: str, model: TopicModel) -> Mapping[str, float]:
        return {other: share for other, share in self.others.get(word, {}).items() if _knows(model, other)}

    def _substitute(self, word: str, model: TopicModel) -> str:
        known = self._known(word, model)
        if _knows(model, word) or not known:
            return word
        return max(known, key=lambda other: (known[other] * _usual(other, model), other))


NOTHING_MORE = Widening()


def widen(texts: Iterable[str], ideas: Ideas | None) -> Widening:
    """Find what the words of a question may mean, and what says the same."""
    if ideas is None:
        return NOTHING_MORE
    meanings = tuple(ideas.read(texts))
    others: dict[str, dict[str, float]] = {}
    for meaning in meanings:
        of_meaning: dict[str, float] = {}
        for word in (word for sense in meaning.senses for word in said_otherwise(sense)):
            share = 1 / len(meaning.senses) / len(word.tokens)
            for token in word.tokens:
                of_meaning[token] = max(of_meaning.get(token, 0.0), share)
        for token in meaning.tokens:
            more = {other: share for other, share in of_meaning.items() if other not in meaning.tokens}
            others[token] = {**more, **others.get(token, {})}
    return Widening(meanings, {token: more for token, more in others.items() if more})


def _knows(model: TopicModel, token: str) -> bool:
    return token in model.vocabulary.rows.get(TEXT, ())


def _usual(token: str, model: TopicModel) -> float:
    return float(model.unigram[model.vocabulary.rows[TEXT][token]])


def _weight(token: str, model: TopicModel | None) -> float:
    """A word that is known shares its weight with the others, one that is not gives them all."""
    return WIDENED if model is None or _knows(model, token) else 1.0
