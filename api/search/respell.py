"""Respelling: a question with a slip is asked again with the word that was meant, and the answer says so."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from api.search.query import Query
from api.search.question import Question
from topic_model.document import TEXT
from topic_model.model import TopicModel
from topic_model.spelling import Speller
from topic_model.tokens import fold_text


@dataclass(frozen=True, slots=True)
class Respelling:
    """The question as it was meant, and which word stands there for which."""

    question: Question
    words: Mapping[str, str]


class Respeller:
    """Knows the words of the posts that taught the model, and how people write them."""

    def __init__(self, model: TopicModel) -> None:
        self._model = model
        rows = model.vocabulary.slices.get(TEXT, slice(0, 0))
        tokens = model.vocabulary.tokens.get(TEXT, ())
        self._speller = Speller(dict(zip(tokens, map(float, model.unigram[rows]), strict=True)))

    def mended(self, query: Query, unknown: Collection[str]) -> Respelling | None:
        """The question with the word that was meant for each that nobody uses; None where none is near."""
        strange = [token for token in query.words if query.as_typed(token) in unknown]
        nearest = {token: self._speller.nearest(token) for token in strange}
        words = {query.as_typed(token): self._model.label(TEXT, near) for token, near in nearest.items() if near}
        if not words or query.question.text is None:
            return None
        return Respelling(replace(query.question, text=_written(query.question.text, words)), words)


def _written(text: str, words: Mapping[str, str]) -> str:
    """The text as it was meant, numbers and small words in their places: the gate must read all of it."""
    for typed, label in words.items():
        slip, word = re.compile(rf"\b{re.escape(typed)}\b", re.IGNORECASE), label.replace("\\", "")
        for written in (text, fold_text(text)):  # a word may be found in the folded text alone
            mended = slip.sub(word, written)
            if mended != written:
                text = mended
                break
        else:
            text = f"{text} {label}"
    return text
