"""Odds: how likely a text is to be about a post, by the very score that orders hits; so hits stand in their order.

Two things speak for a post: how much likelier it is than anybody to say the words of the text (their lift), and how
near both lie where photos are placed among texts (their cosine); and how near both lie to a dual encoder, where there
is one. They are weighed so that a text finds its own post among others, then brought to log-odds. A post with words of
its own, and one without, have lines of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from common.arrays import Bool, Float32, Float64, Index
from topic_model.document import TAG, TEXT, Document, own_words
from topic_model.ideas.widening import Widening
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import parts_of_words
from topic_model.ranking.odds_line import OddsLine, kind_of_post, without_dual

Shares = Callable[[Sequence[str]], Float64]
"""The share that each of some words has in what each post says, posts x words; NaN for a post that says nothing."""
_LEAST = 1e-30


@dataclass(frozen=True, slots=True)
class Speech:
    """What a text has to do with some posts, a row each: the sum of its words' lifts, and the share that a post says.

    `silent` are posts without words of their own.
    """

    lift: Float64
    own: Float64
    silent: Bool
    words: int


def speech_of(words: Sequence[str], widening: Widening, thetas: Float32, shares: Shares, model: TopicModel) -> Speech:
    """How much likelier than anybody each post is to say some words, each of them or another that says the same."""
    tokens, table = widening.table(words, model)
    parts = parts_of_words(tokens, thetas, shares(tokens), model).joined(table)
    lifts = parts.likelihood(model.ranking.mixture) - np.log(np.maximum(parts.everybody, _LEAST))
    return Speech(lifts.sum(axis=1), (parts.own > 0).mean(axis=1), parts.silent[:, 0], lifts.shape[1])


class Nearness(NamedTuple):
    """Cosines of a text and some posts: among photos and texts, and to a dual encoder; NaN where a post has no place.

    `dual` is None where there is no such encoder, or no caption has told what its cosines mean.
    """

    aligned: Float64
    dual: Float64 | None = None

    def take(self, rows: Index) -> "Nearness":
        """Those of some posts."""
        return Nearness(self.aligned[rows], None if self.dual is None else self.dual[rows])


def odds_by_kind(
    speech: Speech,
    near: Nearness,
    lines: Mapping[str, OddsLine],
    *,
    lift: float = 1.0,
    cosine: float = 1.0,
    dual: float = 1.0,
) -> Float64:
    """The log-odds that a text is about each post.

    `lift`, `cosine` and `dual` are what a visitor wants them to weigh, beside the usual.
    """
    odds = np.zeros(len(speech.lift))
    nowhere = np.full(len(odds), np.nan)
    aligned = near.aligned if cosine else nowhere
    looks = near.dual if near.dual is not None and dual else nowhere
    for silent, placed, seen in product((True, False), repeat=3):
        rows = np.flatnonzero((speech.silent == silent) & (~np.isnan(aligned) == placed) & (~np.isnan(looks) == seen))
        if len(rows):
            kind = kind_of_post(silent=silent, placed=placed, dual=seen)
            line = lines.get(kind) or lines[without_dual(kind)]  # no caption told of posts of this kind
            score = line.score(lift * speech.lift[rows], cosine * aligned[rows], dual * looks[rows])
            odds[rows] = line.log_odds(score, speech.own[rows], speech.words)
    return odds


def known_share(query: Document, widening: Widening, model: TopicModel) -> float:
    """The share of the words of a text that the model knows, or another that says the same."""
    text = {modality: query.get(modality, {}) for modality in (TEXT, TAG)}
    unknown = sum(not widening.is_known(word, model) for word in model.unknown(text))
    return 1 - unknown / max(len(own_words(text)), 1)
