"""Words of a Document for the sparse vector: what people can type to find a post before and beside the topics."""

from topic_model.document import Document, own_words

_SATURATION = 1.2


def words_of(document: Document) -> dict[str, float]:
    """Weigh words by how often they occur, with saturation."""
    counts = own_words(document)
    return {token: count * (_SATURATION + 1) / (count + _SATURATION) for token, count in counts.items()}


def query_words(document: Document) -> dict[str, float]:
    """Give the words that a query asks for, each once, however often it was typed."""
    return dict.fromkeys(own_words(document), 1.0)
