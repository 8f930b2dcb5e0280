"""Words of a Document for the sparse vector: what people can type to find a post before and beside the topics."""

from collections.abc import Mapping

from topic_model.document import TAG, TEXT, Document
from topic_model.tokens import word_token

_SATURATION = 1.2


def words_of(document: Document) -> dict[str, float]:
    """Weigh words by how often they occur, with saturation; a hashtag counts as itself and as the words in it."""
    counts = own_words(document)
    return {token: count * (_SATURATION + 1) / (count + _SATURATION) for token, count in counts.items()}


def own_words(document: Document) -> dict[str, float]:
    """Count the words and hashtags that people put to a post, hashtags as `#tag` and as plain words."""
    counts: dict[str, float] = dict(document.get(TEXT, {}))
    for tag, count in document.get(TAG, {}).items():
        _add(counts, f"#{tag}", count)
        for word in tag.split("_"):
            _add(counts, word_token(word), count)
    return counts


def asked_words(document: Document) -> Mapping[str, float]:
    """Give the words that a query asks for, each once, however often it was typed."""
    return dict.fromkeys(own_words(document), 1.0)


def _add(counts: dict[str, float], token: str, count: float) -> None:
    if token:
        counts[token] = counts.get(token, 0.0) + count
