"""Document: what a post or a query is to the model, `{modality: {token: count}}`."""

from collections.abc import Mapping

TEXT = "text"
TAG = "tag"
IMAGE = "image"
MODALITIES = (TEXT, TAG, IMAGE)

Tokens = Mapping[str, float]
Document = Mapping[str, Tokens]


def merge(*documents: Document) -> dict[str, dict[str, float]]:
    """Add documents up, count by count."""
    merged: dict[str, dict[str, float]] = {}
    for document in documents:
        for modality, tokens in document.items():
            into = merged.setdefault(modality, {})
            for token, count in tokens.items():
                into[token] = into.get(token, 0.0) + count
    return merged


def size(document: Document) -> float:
    """Count every token of every modality."""
    return sum(sum(tokens.values()) for tokens in document.values())
