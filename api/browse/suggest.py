"""Suggestions: how the word that is being typed may go on, by words and hashtags of posts that may be seen now."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from api.answers import Suggestion
from api.search.admission import Visit
from api.search.candidates import visible
from common.arrays import Float64
from compliance.gate import Action, Gate
from compliance.policy import Rule
from qdrant.filters import AnyOf, Contains, Filter, both
from qdrant.points import Fields
from qdrant.store import Facet, Store
from topic_model.document import TAG, TEXT
from topic_model.ideas.idea import Language
from topic_model.ideas.ideas import Ideas
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.tokens import fold_text, tag_token

_LAST = re.compile(r"#?[^\W_]\w*$|#$")
_TRIES = 4  # times as many words are looked at as are wanted: some may not be shown, or are in no post by now
_END = chr(0x10FFFF)


class _Known(NamedTuple):
    """A word as people write it, how common it is among the posts that taught, and the word that posts have for it."""

    word: str
    common: float
    said: str


class Suggester:
    """Completes from what the model learned; every word is asked of the gate, and of the posts that may be seen.

    What posts that are withheld say can neither bring a word nor move it: the model never learned from them.
    """

    def __init__(self, store: Store, gate: Gate, models: Models) -> None:
        self._store, self._gate, self._models = store, gate, models
        self._may_show = lru_cache(maxsize=50_000)(self._is_allowed)

    @cached_property
    def _known(self) -> list[_Known]:
        """In the order of their letters; the words of posts before those that ideas lead to from them."""
        if self._models.topics is None:
            return []
        own = {known.word: known for known in _words_of(self._models.topics)}
        led = {known.word: known for known in _words_by_ideas(self._models.topics, self._models.ideas)}
        return sorted({**led, **own}.values())

    @cached_property
    def _words(self) -> list[str]:
        return [known.word for known in self._known]

    @cached_property
    def _common(self) -> Float64:
        return np.array([known.common for known in self._known])

    def suggest(self, text: str, limit: int, visit: Visit) -> list[Suggestion]:
        """Complete the last word of a text, the most common way first; nothing for what the law refuses."""
        typed, rule = _LAST.search(text), visit.rule
        if typed is None or not self._may_show(text, rule):
            return []
        head, allowed = text[: typed.start()], visible(visit, self._gate)
        suggestions: list[Suggestion] = []
        for word, said in self._beginning(_folded(typed[0]), limit * _TRIES, allowed):
            whole = head + word
            if self._is_said(said, allowed) and self._may_show(whole, rule):
                suggestions.append(Suggestion(whole, "tag" if word.startswith("#") else "word"))
            if len(suggestions) == limit:
                break
        return suggestions

    def _beginning(self, part: str, limit: int, allowed: Filter | None) -> Iterable[tuple[str, str]]:
        """Words that begin so, the most common first, and what posts say; without a model hashtags of posts."""
        if not self._known:
            return self._tags(part.removeprefix("#"), limit, allowed)
        start, end = bisect_left(self._words, part), bisect_left(self._words, part + _END)
        common = self._common[start:end]
        if len(common) > limit:
            places = np.argpartition(-common, limit)[:limit]
            places = places[np.argsort(-common[places], kind="stable")]
        else:
            places = np.argsort(-common, kind="stable")
        return [(known.word, known.said) for known in (self._known[start + place] for place in places)]

    def _tags(self, part: str, limit: int, allowed: Filter | None) -> list[tuple[str, str]]:
        _, (counted,) = self._store.tally([Facet(Fields.TAGS, limit, containing=part)], allowed)
        tags = [f"#{one.value}" for one in counted.counts if str(one.value).startswith(part)]
        return [(tag, tag) for tag in tags]

    def _is_said(self, word: str, allowed: Filter | None) -> bool:
        """Whether a post that may be seen has it now."""
        said: Filter = Contains(Fields.TEXT, word)
        if word.startswith("#"):
            said = AnyOf(Fields.TAGS, frozenset({word[1:]}))
        return self._store.any(both(allowed, said))

    def _is_allowed(self, text: str, rule: Rule) -> bool:
        """Whether it could be asked, and says nothing of children where anything is withheld."""
        if rule.refuse_queries:
            return self._gate.query(text, rule).action is Action.ALLOW
        return bool(self._gate.redact_words([text], rule, str))


def _words_of(model: TopicModel) -> Iterator[_Known]:
    """The words and hashtags of a model as people write them."""
    for modality in (TEXT, TAG):
        tokens, rows = model.vocabulary.tokens.get(modality, ()), model.vocabulary.slices.get(modality)
        common = model.unigram[rows] if rows else ()
        for token, share in zip(tokens, common, strict=True):
            word = _folded(model.label(modality, token))
            yield _Known(word, float(share), word)


def _words_by_ideas(model: TopicModel, ideas: Ideas | None) -> Iterator[_Known]:
    """The words of the other language for what posts say."""
    tokens, rows = model.vocabulary.tokens.get(TEXT, ()), model.vocabulary.slices.get(TEXT)
    for token, share in zip(tokens, model.unigram[rows] if rows else (), strict=True):
        for language in Language if ideas else ():
            other = ideas.translated(token, language) if ideas else None
            if other:
                yield _Known(_folded(other), float(share), _folded(model.label(TEXT, token)))


def _folded(word: str) -> str:
    """A word as it is compared; a hashtag has its sign before it."""
    return f"#{tag_token(word)}" if word.startswith("#") else fold_text(word).replace("ё", "е")
