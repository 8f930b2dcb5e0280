"""How likely a text is to be about a post, 0 to 1 and in a word: the number by which hits are ordered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from api.search.entries import Entry
from api.search.query import Query
from common.arrays import Float64
from common.stats import logistic
from qdrant.points import StoredPoint
from qdrant.vector_kind import DUAL
from topic_model.document import IMAGE
from topic_model.match.cues import PostSide, TextSide, gather
from topic_model.match.mass import Fit, fit_of
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.ranking.likelihood import shares_of
from topic_model.ranking.odds import Nearness, known_share, odds_by_kind, speech_of
from vision.fitting.concepts import concepts_in


class Method(StrEnum):
    """Who says how likely a text is to fit: captions that were held aside, or people who judged photos."""

    CALIBRATED = "calibrated"
    TRAINED = "trained"


class Match(NamedTuple):
    """A match, and what it is; None where text or post say nothing that is known."""

    value: float | None
    method: Method

    @property
    def fit(self) -> Fit:
        """The match in a word."""
        return fit_of(self.value)


@dataclass(frozen=True, slots=True)
class MatchMeasure:
    """What matches are measured by."""

    models: Models

    @property
    def method(self) -> Method:
        """Who says how well a text fits a photo that is no post."""
        return Method.CALIBRATED if self.models.matcher is None else Method.TRAINED

    def of_post(self, text: Query, post: PostSide) -> Match:
        """Match a text with a post, as a search for the text would."""
        model = self.models.topics
        if model is None or post.theta is None or (text.theta is None and not text.unknown):
            return Match(None, Method.CALIBRATED)
        thetas, own = post.theta[None], [post.words]
        speech = speech_of(list(text.words), text.widening, thetas, lambda words: shares_of(words, own), model)
        cosine = math.nan
        if post.aligned is not None:
            known = known_share(text.document, text.widening, model)
            cosine = 0.0 if text.aligned is None else known * float(text.aligned @ post.aligned)
        near = Nearness(np.array([cosine]), _dual_cosine(text, post))
        odds = odds_by_kind(speech, near, model.ranking.lines)
        return Match(float(logistic(odds)[0]), Method.CALIBRATED)

    def of_photo(self, text: Query, photo: PostSide) -> Match:
        """Match a text with a photo: as people judged such photos, where they did, else as a post of it alone."""
        (trained,) = [None] if photo.theta is None else self._trained(text, [photo])
        return self.of_post(text, photo) if trained is None else Match(trained, Method.TRAINED)

    def fits(self, query: Query, entries: Sequence[Entry]) -> list[Fit]:
        """Say for each hit in a word how well it fits: by its match, before there is a model by the words it holds."""
        return [_unmatched(query, entry) if entry.match is None else fit_of(entry.match) for entry in entries]

    def _trained(self, text: Query, posts: Sequence[PostSide]) -> list[float | None]:
        model = self.models.topics
        side = None if model is None else _side_of_text(text, model)
        if self.models.matcher is None or model is None or side is None:
            return [None] * len(posts)
        probabilities = self.models.matcher.probabilities(gather(side, posts, model))
        return [None if np.isnan(value) else value for value in probabilities.tolist()]


def side_of(point: StoredPoint, dual: str = "") -> PostSide:
    """A stored post as a match sees it; `dual` names the encoder whose vector of it counts."""
    looks = point.vector(DUAL, dual) if dual else None
    return PostSide(point.theta, point.words, point.aligned, concepts_in(point.tokens(IMAGE)), looks)


def side_of_photo(query: Query) -> PostSide:
    """The photo of a question as a match sees it."""
    target = query.near.get(DUAL)
    looks = None if target is None else target.values
    return PostSide(query.theta, {}, query.as_post, concepts_in(query.document.get(IMAGE, {})), looks)


def _dual_cosine(text: Query, post: PostSide) -> Float64 | None:
    """How near both lie to the dual encoder that the model is calibrated with."""
    target = text.near.get(DUAL)
    return None if target is None or post.dual is None else np.array([float(target.values @ post.dual)])


def _side_of_text(query: Query, model: TopicModel) -> TextSide | None:
    """What was asked in words; None for a photo, and for a stored post that others are compared with."""
    compared = query.words and not query.document.get(IMAGE) and (query.theta is not None or query.unknown)
    known = 1 - len(query.unknown) / max(len(query.words), 1)
    words = tuple(query.widening.substitute(query.words, model))
    return TextSide(words, known, query.theta, query.aligned) if compared else None


def _unmatched(query: Query, entry: Entry) -> Fit:
    """Without a model: a post that holds a word of the question fits weakly, one that holds them all fits."""
    held = [token for token in query.words if query.widening.is_said(token, entry.point.words)]
    if not held:
        return Fit.NONE
    return Fit.GOOD if len(held) == len(query.words) else Fit.WEAK
