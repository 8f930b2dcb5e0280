"""Highlights: where in its captions a post says what was asked, as offsets and never as markup."""

import re
from collections.abc import Collection, Iterator

from api.answers import Highlight, PostCaption
from topic_model.tokens import fold_text, tag_token, word_token

# A letter may be written as itself and the marks that belong to it.
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_HASHTAG = re.compile(r"#\w+")


def highlights(captions: Collection[PostCaption], words: Collection[str]) -> list[Highlight]:
    """The spans of the captions that stand for a word of the question, counted in characters of the text."""
    return [
        Highlight(number, start, end)
        for number, caption in enumerate(captions)
        for start, end in _spans(caption.text, words)
    ]


def _spans(text: str, words: Collection[str]) -> Iterator[tuple[int, int]]:
    end = 0
    tags = {tag.start(): tag for tag in _HASHTAG.finditer(text)}
    for word in _WORD.finditer(text):
        tag = tags.get(word.start() - 1)
        if tag is not None and f"#{tag_token(tag[0])}" in words:
            end = tag.end()
            yield tag.start(), end
        elif word.start() >= end and word_token(fold_text(word[0])) in words:
            yield word.span()
