"""From a post or a query to a Document: one way for both, so that what was trained is what is asked."""

from collections.abc import Iterable, Mapping

from ingest.post import GeoPoint, Post
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.tokens import tag_token, tokenize


def make_document(
    texts: Iterable[str], tags: Iterable[str] = (), visual_words: Mapping[str, float] | None = None
) -> dict[str, dict[str, float]]:
    """Count words, hashtags (those within the texts too) and visual words; modalities without any are left out.

    The words within a hashtag are words of the text as well: who types "park" finds #park.
    """
    words: dict[str, float] = {}
    hashtags = dict.fromkeys(filter(None, map(tag_token, tags)), 1.0)
    for text in texts:
        text_tokens = tokenize(text)
        _add(words, text_tokens.text)
        hashtags.update(dict.fromkeys(text_tokens.tag, 1.0))
    for tag in hashtags:
        _add(words, tokenize(tag.replace("_", " ")).text)
    document = {TEXT: words, TAG: hashtags, IMAGE: dict(visual_words or {})}
    return {modality: tokens for modality, tokens in document.items() if tokens}


def declared_tokens(post: Post, modalities: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Read further modalities, such as camera or author, from the fields of a post that the settings name."""
    read = {modality: value_tokens(_values(post, field)) for modality, field in modalities.items()}
    return {modality: tokens for modality, tokens in read.items() if tokens}


def value_tokens(values: Iterable[object]) -> dict[str, float]:
    """Each value of a field as one token, folded."""
    folded = (" ".join(str(value).casefold().split()) for value in values if value is not None)
    return dict.fromkeys(filter(None, folded), 1.0)


def _values(post: Post, field: str) -> list[object]:
    """What stands in `captions.author` or `attrs.<name>`."""
    if field == "captions.author":
        return [caption.author for caption in post.all_captions]
    value = post.attrs.get(field.removeprefix("attrs."))
    return list(value) if isinstance(value, list) else [] if isinstance(value, GeoPoint) else [value]


def _add(counts: dict[str, float], more: Mapping[str, float]) -> None:
    for token, count in more.items():
        counts[token] = counts.get(token, 0.0) + count
