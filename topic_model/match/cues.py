"""Cues: what can be counted about a text and a post before anybody judges how well the two fit.

The more of each, the better the two fit. A word that nobody here knows may be about anything: it shares no topics, is
explained by none, and looks like nothing, so noise around a known word takes away from what that word gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from common.arrays import Bool, Float32, Float64, Index
from topic_model.document import TAG, TEXT, Document, own_words
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import of_words, shares_of
from topic_model.ranking.weights import Mixture

Indices = Index
Table = Float64  # a row for each pair, a column for each cue; what a pair has not is no number

_MIXTURE = Mixture()  # fixed: what was learned from cues must not change when the last ordering is fitted anew


class Cue(StrEnum):
    """What is counted."""

    SHARED = "shared"  # topic mass in common, 1 - L1 / 2, times the share of the words that are known
    LIKELIHOOD = "likelihood"  # of the words under the post's topics against everybody's speech: mean of logarithms
    EXPLAINED = "explained"  # share of the words that the topics make likelier than everybody does
    BREVITY = "brevity"  # less the logarithm of the number of words: who says more can be wrong more often
    OWN = "own"  # share of the words that stand in the post itself; only where it has words
    PREDICTED = "predicted"  # how much of the words the encoder expects people to say; only where it expects any
    ALIGNED = "aligned"  # cosine in the aligned space, times the share of known words; only where there is one


CUES = tuple(Cue)


@dataclass(frozen=True, slots=True)
class TextSide:
    """A text: its words (hashtags as `#tag`), the share of them that is known, its topics, its place among photos."""

    words: tuple[str, ...]
    known: float
    theta: Float32 | None
    aligned: Float32 | None = None


@dataclass(frozen=True, slots=True)
class PostSide:
    """A photo or a post: its topics, the words that people put to it or may be expected to, its place among photos.

    `dual` is where a dual encoder places it; no cue counts that.
    """

    theta: Float32 | None
    words: Mapping[str, float] = field(default_factory=dict)
    aligned: Float32 | None = None
    predicted: Mapping[str, float] = field(default_factory=dict)
    dual: Float32 | None = None


def text_side(document: Document, model: TopicModel, wordings: Sequence[str] = ()) -> TextSide:
    """Make a text ready to be compared; `wordings` are how it was put."""
    text = {modality: document.get(modality, {}) for modality in (TEXT, TAG)}
    words = tuple(own_words(text))
    known = 1 - len(model.unknown(text)) / max(len(words), 1)
    place = model.aligned.of_text(text, wordings) if model.aligned else None
    return TextSide(words, known, model.theta(text), place)


def gather(text: TextSide, posts: Sequence[PostSide], model: TopicModel) -> Table:
    """Count the cues of one text with each of some posts."""
    table = np.full((len(posts), len(CUES)), np.nan)
    if not (text.words and posts):
        return table
    thetas = np.array([np.zeros(model.topics, np.float32) if post.theta is None else post.theta for post in posts])
    lifts = _lifts(text.words, thetas, model)
    counted: Mapping[Cue, ArrayLike] = {
        Cue.SHARED: text.known * np.minimum(thetas, 0 if text.theta is None else text.theta).sum(axis=1),
        Cue.LIKELIHOOD: lifts.mean(axis=1),
        Cue.EXPLAINED: (lifts > 0).mean(axis=1),
        Cue.BREVITY: -np.log(len(text.words)),
        Cue.OWN: [_own(text, post) for post in posts],
        Cue.PREDICTED: [_predicted(text, post) for post in posts],
        Cue.ALIGNED: [_cosine(text, post) for post in posts],
    }
    for index, cue in enumerate(CUES):
        table[:, index] = counted[cue]
    return table


def columns(table: Table, cues: Sequence[Cue]) -> Table:
    """The columns of some cues, in their order."""
    return table[:, [CUES.index(cue) for cue in cues]]


def _lifts(words: Sequence[str], thetas: Float32, model: TopicModel) -> Table:
    """How much likelier each word is under each theta than in everybody's speech, as logarithms; posts x words."""
    nobody = np.zeros((1, model.topics), np.float32)  # a post without topics: what is left is everybody's speech
    everyone = np.vstack([thetas, nobody])
    likelihood = of_words(words, everyone, shares_of(words, [{}] * len(everyone)), model, _MIXTURE)
    return np.asarray(likelihood[:-1] - likelihood[-1] + np.log(_MIXTURE.everybody))


def _own(text: TextSide, post: PostSide) -> float:
    return sum(word in post.words for word in text.words) / len(text.words) if post.words else np.nan


def _predicted(text: TextSide, post: PostSide) -> float:
    """The mean over words of the root of each one's share: a word that is rather expected counts for much already."""
    total = sum(post.predicted.values())
    if not total:
        return np.nan
    return sum(sqrt(post.predicted.get(word, 0.0) / total) for word in text.words) / len(text.words)


def _cosine(text: TextSide, post: PostSide) -> float:
    """Both are of length 1; a text without a known word has no place, and looks like nothing."""
    if post.aligned is None:
        return np.nan
    return 0.0 if text.aligned is None else text.known * float(text.aligned @ post.aligned)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Judged pairs, row by row: their cues, what people said, whether they agree that it fits, and the photo.

    `measured` are those to measure on. A photo's own caption teaches, but is too easy to be a measure.
    """

    table: Table
    votes: Sequence[tuple[float, ...]]
    means: Float64
    fits: Bool
    photos: Indices
    measured: Bool

    def having(self, cues: Sequence[Cue]) -> "Pairs":
        """Those that have all of these cues."""
        at = np.flatnonzero(~np.isnan(columns(self.table, cues)).any(axis=1))
        votes = [self.votes[index] for index in at.tolist()]
        return Pairs(self.table[at], votes, self.means[at], self.fits[at], self.photos[at], self.measured[at])
