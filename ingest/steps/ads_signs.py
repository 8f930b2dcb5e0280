"""What a text shows to the model of advertisements: its words and hashtags, and the signs of somebody who sells."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from topic_model.document import own_words

_SIGNS: Final[Mapping[str, re.Pattern[str]]] = {
    "<link>": re.compile(r"https?://|\bwww\.|\bt\.me/|\bwa\.me/"),
    "<phone>": re.compile(r"(?<!\w)\+?\d[\d()\s-]{8,}\d\b"),
    "<price>": re.compile(
        r"\d\s?(?:₽|руб|р\.|\$|€|usd|eur|%)|[$€₽]\s?\d",
        re.IGNORECASE,
    ),
    "<mention>": re.compile(r"(?<!\w)@\w{3,}"),
    "<shouting>": re.compile(r"!{2,}|\b[A-ZА-ЯЁ]{4,}\b[^a-zа-яё]+\b[A-ZА-ЯЁ]{4,}\b"),
}


def signs_of(texts: Iterable[str], document: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield each word and hashtag of a Document once, and each sign that its texts show."""
    yield from own_words(document)
    text = "\n".join(texts)
    yield from (sign for sign, pattern in _SIGNS.items() if pattern.search(text))
