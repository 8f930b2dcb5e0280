"""From a post or a query to a Document: one way for both, so that what was trained is what is asked."""

from collections.abc import Iterable, Mapping

from topic_model.document import IMAGE, TAG, TEXT
from topic_model.tokens import tag_token, tokenize


def make_document(
    texts: Iterable[str], tags: Iterable[str] = (), visual_words: Mapping[str, float] | None = None
) -> dict[str, dict[str, float]]:
    """Count words, hashtags (those within the texts too) and visual words; modalities without any are left out."""
    words: dict[str, float] = {}
    hashtags: dict[str, float] = {}
    for text in texts:
        found = tokenize(text)
        for token, count in found.text.items():
            words[token] = words.get(token, 0.0) + count
        for tag in found.tag:
            hashtags[tag] = 1.0
    hashtags.update((token, 1.0) for token in map(tag_token, tags) if token)
    document = {TEXT: words, TAG: hashtags, IMAGE: dict(visual_words or {})}
    return {modality: tokens for modality, tokens in document.items() if tokens}
