"""Cues: what can be counted about a text and a post before anybody judges how well the two fit.

The more of each, the better the two fit. A word that nobody here knows may be about anything: it shares no topics, is
explained by none, and looks like nothing, so noise around a known word takes away from what that word gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from topic_model.document import TAG, TEXT, Document
from topic_model.model import TopicModel

Floats = NDArray[np.float32]
Table = NDArray[np.float64]  # a row for each pair, a column for each cue; what a pair has not is no number

_EVERYBODY = 0.1  # of a word's probability is that of everybody's speech
_UNSEEN = 1e-6  # share of a word that the model does not know in the speech of everybody


class Cue(StrEnum):
    """What is counted."""

    SHARED = "shared"  # topic mass in common, 1 - L1 / 2, times the share of the words that are known
    LIKELIHOOD = "likelihood"  # of the words under the post's topics against everybody's speech: mean of logarithms
    EXPLAINED = "explained"  # share of the words that the topics make likelier than everybody does
    BREVITY = "brevity"  # less the logarithm of the number of words: who says more can be wrong more often
    OWN = "own"  # share of the words that stand in the post itself; only where it has words
    ALIGNED = "aligned"  # cosine in the aligned space, times the share of known words; only where there is one


CUES = tuple(Cue)


@dataclass(frozen=True, slots=True)
class Said:
    """A text: its words (hashtags as `#tag`), its topics, and its place in the aligned space."""

    words: tuple[str, ...]
    theta: Floats | None
    aligned: Floats | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo or a post: its topics, the words that people put to it, and its place in the aligned space."""

    theta: Floats | None
    words: Mapping[str, float] = field(default_factory=dict)
    aligned: Floats | None = None


def gather(said: Said, shown: Sequence[Shown], model: TopicModel) -> Table:
    """Count the cues of one text with each of some posts."""
    table = np.full((len(shown), len(CUES)), np.nan)
    if not (said.words and shown):
        return table
    thetas = np.array([np.zeros(model.topics, np.float32) if post.theta is None else post.theta for post in shown])
    lifts = _lifts(said.words, thetas, model)
    known = sum(_row(word, model) is not None for word in said.words) / len(said.words)
    for cue, values in (
        (Cue.SHARED, known * np.minimum(thetas, 0.0 if said.theta is None else said.theta).sum(axis=1)),
        (Cue.LIKELIHOOD, lifts.mean(axis=1)),
        (Cue.EXPLAINED, (lifts > 0).mean(axis=1)),
        (Cue.BREVITY, -np.log(len(said.words))),
        (Cue.OWN, [_own(said, post) for post in shown]),
        (Cue.ALIGNED, [known * _cosine(said, post) for post in shown]),
    ):
        table[:, CUES.index(cue)] = values
    return table


def columns(table: Table, cues: Sequence[Cue]) -> Table:
    """The columns of some cues, in their order."""
    return table[:, [CUES.index(cue) for cue in cues]]


def words_of(document: Document) -> tuple[str, ...]:
    """The words of a text, each once; hashtags as `#tag`."""
    return (*document.get(TEXT, ()), *(f"#{tag}" for tag in document.get(TAG, ())))


def _lifts(words: Sequence[str], thetas: Floats, model: TopicModel) -> Table:
    """How much likelier each word is under each theta than with everybody, as logarithms; posts x words."""
    rows = [_row(word, model) for word in words]
    known = [place for place, row in enumerate(rows) if row is not None]
    numbers = [row for row in rows if row is not None]
    everybody = np.full(len(words), _UNSEEN)
    everybody[known] = np.maximum(model.unigram[numbers], _UNSEEN)
    by_topics = np.zeros((len(thetas), len(words)))
    by_topics[:, known] = thetas @ model.phi[numbers].T
    return np.asarray(np.log((1 - _EVERYBODY) * by_topics / everybody + _EVERYBODY))


def _row(word: str, model: TopicModel) -> int | None:
    modality, token = (TAG, word[1:]) if word.startswith("#") else (TEXT, word)
    return model.vocabulary.rows.get(modality, {}).get(token)


def _own(said: Said, post: Shown) -> float:
    return sum(word in post.words for word in said.words) / len(said.words) if post.words else np.nan


def _cosine(said: Said, post: Shown) -> float:
    """Both are of length 1; a text without a known word has no place, and looks like nothing."""
    if post.aligned is None:
        return np.nan
    return 0.0 if said.aligned is None else float(said.aligned @ post.aligned)
