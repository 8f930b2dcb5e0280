"""What the words of a caption tell beside its photo: the lexicon finds "girl", yet "swing" and "man" tell too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from topic_model.tokens import tokenize

CaptionWords = Sequence[Sequence[str]]  # the words of each caption of one post


def caption_words(texts: Iterable[str], tags: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
    """The words of each caption, and those within the hashtags as if they were one more; empty ones are left out."""
    hashtags = " ".join(tag.replace("_", " ") for tag in tags)
    return tuple(words for words in map(_words, (*texts, hashtags)) if words)


def parts(words: Sequence[str]) -> tuple[str, ...]:
    """What tells of a caption: its words, and each two that follow one another ("black dog" tells more than "dog")."""
    return (*words, *map(" ".join, pairwise(words)))


def _words(text: str) -> tuple[str, ...]:
    tokens = tokenize(text.replace("#", " "))
    return tuple(tokens.text)


@dataclass(frozen=True)
class WordWeights:
    """How much each word and pair of words tells for a child or against one, beside the log-odds of the photo alone.

    Words speak for a child as loudly as they may; against one they count for `least` at most, for captions are written
    by those who want to be shown.
    """

    weights: Mapping[str, float]
    slope: float
    offset: float
    least: float

    def odds(self, photo: float, captions: CaptionWords) -> float:
        """The log-odds that the photo shows a child; what several captions say is averaged."""
        sums = [sum(self.weights.get(part, 0.0) for part in parts(words)) for words in captions]
        return self.slope * photo + self.offset + max(sum(sums) / max(len(sums), 1), self.least)
