"""Understood: which other words a question was searched by, as far as somebody here uses them."""

from collections.abc import Callable, Iterator

from api.answers import Understood
from api.search.query import Query
from compliance.gate import Gate
from topic_model.document import TEXT
from topic_model.ideas.idea import Phrase
from topic_model.ideas.ideas import Meaning, said_otherwise
from topic_model.model import TopicModel

MOST = 4  # words of an idea are shown, the commonest


def understood(query: Query, model: TopicModel | None, gate: Gate, in_posts: Callable[[str], bool]) -> list[Understood]:
    """List what was typed with the words that say the same here.

    `in_posts` tells of a token whether a post that may be shown has it; it is asked where the model knows none of them.
    """
    answers = []
    for meaning in query.widening.meanings:
        words = list(_known(meaning, model)) or [word for word in _others(meaning) if all(map(in_posts, word.tokens))]
        texts = gate.redact_words(list(dict.fromkeys(word.text for word in words)), query.visit.rule, str)
        if texts:
            answers.append(Understood(meaning.typed, texts[:MOST]))
    return answers


def _known(meaning: Meaning, model: TopicModel | None) -> Iterator[Phrase]:
    """The others that the model knows, the commonest first."""
    if model is None:
        return
    rows = model.vocabulary.rows.get(TEXT, {})
    known = [word for word in _others(meaning) if all(token in rows for token in word.tokens)]
    yield from sorted(known, key=lambda word: -min(model.unigram[rows[token]] for token in word.tokens))


def _others(meaning: Meaning) -> Iterator[Phrase]:
    words = (word for sense in meaning.senses for word in said_otherwise(sense))
    return (word for word in words if not set(word.tokens) <= set(meaning.tokens))
