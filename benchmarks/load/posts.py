"""Posts and questions that are drawn, not collected: topics are planted, words are common and rare as Zipf says.

Words have no meaning; half of the posts are in a Russian made of syllables, half in an English. A post of a number is
always the same one, however many are drawn.
"""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from common.arrays import Float64

TOPICS, PER_TOPIC, WORDS = 120, 250, 30_000
TOPICAL = 0.6  # of the words of a post; the others are of all topics
WITHHELD = 0.03  # of the posts, because the site says that they show a child
_BLOCK = 1000  # posts that are drawn together
_SYLLABLES = {
    "ru": "ва го де жи ка ло ме но пу ра се ту фи хо ша бры стре кля пло зно",
    "en": "ba co de fi go ha jo ku li mo ne pra qui ro su tre va wo plin stor",
}


def _zipf(count: int) -> Float64:
    """How likely each of the ranks up to here is."""
    shares = 1 / np.arange(1, count + 1)
    return np.cumsum(shares / shares.sum())


class _Language:
    """Words by rank, and which of them each topic uses, most often first."""

    def __init__(self, name: str) -> None:
        draw, syllables = random.Random(name), _SYLLABLES[name].split()
        words: dict[str, None] = {}
        while len(words) < WORDS:
            words["".join(draw.choices(syllables, k=draw.randint(2, 4)))] = None
        self.words = list(words)
        self.topics = np.array([draw.sample(range(WORDS), PER_TOPIC) for _ in range(TOPICS)])

    def phrase(self, rng: np.random.Generator, topic: int, length: int) -> list[str]:
        """Some words about a topic."""
        common = np.searchsorted(_OF_ALL, rng.random(length))
        own = self.topics[topic][np.searchsorted(_OF_TOPIC, rng.random(length))]
        return [self.words[rank] for rank in np.where(rng.random(length) < TOPICAL, own, common)]


_OF_ALL, _OF_TOPIC = _zipf(WORDS), _zipf(PER_TOPIC)


@cache
def _languages() -> list[_Language]:
    return [_Language(name) for name in _SYLLABLES]


def posts(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Draw the posts of some numbers."""
    for block in range(first // _BLOCK, -(-(first + count) // _BLOCK)):
        rng = np.random.default_rng([11, block])
        for number in range(block * _BLOCK, (block + 1) * _BLOCK):
            post = _post(rng, number)
            if first <= number < first + count:
                yield post


def _post(rng: np.random.Generator, number: int) -> dict[str, Any]:
    language, topic = _languages()[rng.integers(2)], int(rng.integers(TOPICS))
    words = language.phrase(rng, topic, int(np.clip(rng.poisson(10), 4, 20)))
    author, place, year = (int(one) for one in rng.integers((2000, 200, 2005), (4000, 400, 2026)))
    post: dict[str, Any] = {
        "id": f"p{number}",
        "captions": [{"text": " ".join(words), "author": f"u{author}"}],
        "tags": list(dict.fromkeys(language.phrase(rng, topic, int(rng.integers(1, 4))))),
        "link": f"/photos/{number}",
        "attrs": {"place": language.words[place], "year": year},
    }
    return post | {"child": True} if rng.random() < WITHHELD else post


def write_posts(file: Path, first: int, count: int) -> Path:
    """Write posts, one JSON object a line."""
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(post, ensure_ascii=False) + "\n" for post in posts(first, count))
    return file


def questions(count: int) -> list[str]:
    """Draw different questions of one to five words, as common and rare as those of the posts."""
    rng = np.random.default_rng(13)
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        length = int(rng.choice(5, p=(0.3, 0.3, 0.2, 0.12, 0.08))) + 1
        drawn[" ".join(_languages()[rng.integers(2)].phrase(rng, int(rng.integers(TOPICS)), length))] = None
    return list(drawn)
