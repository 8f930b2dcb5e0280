"""Document: what a post or a query is to the model, `{modality: {token: count}}`."""

from collections.abc import Mapping

TEXT = "text"
TAG = "tag"
IMAGE = "image"
MODALITIES = (TEXT, TAG, IMAGE)

Tokens = Mapping[str, float]
Document = Mapping[str, Tokens]


def own_words(document: Document) -> dict[str, float]:
    """Count the words that people put to a post; hashtags stand among them as `#tag`."""
    return {**document.get(TEXT, {}), **{f"#{tag}": count for tag, count in document.get(TAG, {}).items()}}
