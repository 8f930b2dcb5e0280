"""Respelling: a question with a slip is asked again with the word that was meant, and the answer says so."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from api.search.query import Query
from topic_model.document import IMAGE, TEXT
from topic_model.model import QUERY_ITERATIONS, TopicModel
from topic_model.spelling import Speller


class Respeller:
    """Knows the words of the posts that taught the model, and how people write them."""

    def __init__(self, model: TopicModel) -> None:
        self._model = model
        rows = model.vocabulary.slices.get(TEXT, slice(0, 0))
        tokens = model.vocabulary.tokens.get(TEXT, ())
        self._speller = Speller(dict(zip(tokens, map(float, model.unigram[rows]), strict=True)))

    def meant(self, query: Query, unknown: Collection[str]) -> dict[str, str]:
        """For the token of each word that nobody uses the one that was meant, where one is near."""
        strange = (token for token in query.words if query.as_typed(token) in unknown)
        found = ((token, self._speller.nearest(token)) for token in strange)
        return {token: near for token, near in found if near is not None}

    def said(self, text: str, query: Query, meant: Mapping[str, str]) -> str:
        """The text as it was meant, numbers and small words in their places: the gate must see all of it."""
        for token, near in meant.items():
            typed, label = re.compile(rf"\b{re.escape(query.as_typed(token))}\b", re.IGNORECASE), self.label(near)
            mended = typed.sub(label.replace("\\", ""), text)
            text = mended if mended != text else f"{text} {label}"  # it was written in a way that folding changed
        return text

    def label(self, token: str) -> str:
        """A token as people write it."""
        return self._model.label(TEXT, token)

    def respelled(self, query: Query, meant: Mapping[str, str], weights: Mapping[str, float]) -> Query:
        """The question with the words that were meant; one with a photo keeps its topics and its place."""
        words: dict[str, float] = {}
        for token, count in query.document.get(TEXT, {}).items():
            near = meant.get(token, token)
            words[near] = words.get(near, 0.0) + count
        document = {**query.document, TEXT: words}
        gone = {query.as_typed(token) for token in meant}
        changed = replace(
            query,
            document=document,
            words=dict.fromkeys((meant.get(token, token) for token in query.words), 1.0),
            typed={**query.typed, **{near: self.label(near) for near in meant.values()}},
            unknown=tuple(word for word in query.unknown if word not in gone),
        )
        if document.get(IMAGE):
            return changed
        aligned = self._model.aligned.of_text(document) if self._model.aligned else None
        return replace(changed, theta=self._model.theta(document, weights, QUERY_ITERATIONS), aligned=aligned)
