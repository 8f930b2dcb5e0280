"""Verdict: what the figures of a model mean in words, and what would make them better."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from topic_model.document import TEXT
from topic_model.quality import Quality

FEW: Final = 1_000  # posts with words: with fewer, topics are rarely clear
CLEAR: Final = 0.05  # of mean coherence on: the words of a topic do stand together
TELLING: Final = 1.5  # times as well guessed as without topics
LITTLE: Final = 1.1


class Remark(NamedTuple):
    """A remark on a model: `code` is for programs, `says` for people."""

    code: str
    says: str


def quality_remarks(quality: Quality, *, held_out: bool) -> Iterator[Remark]:
    """Say whether the topics are good, whether that is known at all, and what would help."""
    gain = quality.usual[TEXT] / quality.perplexity[TEXT] if quality.perplexity.get(TEXT) and quality.usual else None
    if gain is None:
        yield Remark("no_words", "No words were there to measure: captions or hashtags teach what photos are about.")
        return
    coherent = quality.mean_coherence is not None and quality.mean_coherence >= CLEAR
    if gain < LITTLE:
        yield Remark(
            "little", "The topics tell next to nothing of a post's words: searches rest on the words themselves."
        )
    elif gain < TELLING or not coherent:
        yield Remark(
            "rough", "The topics are rough: words are guessed better by them, but few of them are about one thing."
        )
    else:
        yield Remark("good", "The topics are good: they are about something, and tell much of what a post says.")
    if not held_out and quality.documents >= FEW:
        yield Remark(
            "flattered",
            "It was measured on what it learned from, which flatters: `--held-out 10` measures on other posts.",
        )
    if quality.documents < FEW and not (gain >= TELLING and coherent):
        yield Remark(
            "few",
            f"{quality.documents:,} posts are few; what helps: longer captions, several people's, keywords in the "
            f"files, more posts (topics get clear from about {FEW:,} on). Until then words and looks find most.",
        )
