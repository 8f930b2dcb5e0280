"""How well a text fits, 0 to 1 and in a word: by what was learned from people's judgements, else by the shared mass."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from api.search.entries import Entry
from api.search.query import Query
from qdrant.points import StoredPoint
from topic_model.document import IMAGE
from topic_model.match.cues import PostSide, TextSide, gather
from topic_model.match.mass import GOOD, GOOD_MASS, Fit, fit_of, match
from topic_model.model import TopicModel
from topic_model.models import Models
from vision.fitting.concepts import concepts_in


class Method(StrEnum):
    """What a match is: the topic mass in common, or how likely people are to agree that the text fits."""

    SHARED = "shared mass"
    TRAINED = "trained"


class Match(NamedTuple):
    """A match, and what it is; None where text or post say nothing that is known."""

    value: float | None
    method: Method

    @property
    def fit(self) -> Fit:
        """The match in a word."""
        return fit_of(self.value, GOOD if self.method is Method.TRAINED else GOOD_MASS)


@dataclass(frozen=True, slots=True)
class MatchMeasure:
    """What matches are measured by."""

    models: Models

    @property
    def method(self) -> Method:
        """What the match of a text is, where enough is known."""
        return Method.SHARED if self.models.matcher is None else Method.TRAINED

    def of(self, text: Query, post: PostSide) -> Match:
        """Match a text with one photo or post."""
        if post.theta is not None:
            (trained,) = self._trained(text, [post])
            if trained is not None:
                return Match(trained, Method.TRAINED)
            if text.theta is not None:
                return Match(match(text.theta, post.theta), Method.SHARED)
        return Match(None, self.method)

    def fits(self, query: Query, entries: Sequence[Entry]) -> list[Fit]:
        """Say for each hit in a word how well it fits.

        Untrained, and for questions with a photo, by its shared mass; a post that holds a word of the question fits at
        least weakly, one that holds them all fits.
        """
        posts = [side_of(entry.point) for entry in entries] if self.models.matcher else []
        trained = self._trained(query, posts) if posts else [None] * len(entries)
        return [
            _untrained(query, entry) if value is None else fit_of(value)
            for entry, value in zip(entries, trained, strict=True)
        ]

    def _trained(self, text: Query, posts: Sequence[PostSide]) -> list[float | None]:
        model = self.models.topics
        side = None if model is None else _side_of_text(text, model)
        if self.models.matcher is None or model is None or side is None:
            return [None] * len(posts)
        probabilities = self.models.matcher.probabilities(gather(side, posts, model))
        return [None if np.isnan(value) else value for value in probabilities.tolist()]


def side_of(point: StoredPoint) -> PostSide:
    """A stored post as a match sees it."""
    return PostSide(point.theta, point.words, point.aligned, concepts_in(point.tokens(IMAGE)))


def side_of_photo(query: Query) -> PostSide:
    """The photo of a question as a match sees it."""
    return PostSide(query.theta, {}, query.as_post, concepts_in(query.document.get(IMAGE, {})))


def _side_of_text(query: Query, model: TopicModel) -> TextSide | None:
    """What was asked in words; None for a photo, and for a stored post that others are compared with."""
    compared = query.words and not query.document.get(IMAGE) and (query.theta is not None or query.unknown)
    known = 1 - len(query.unknown) / max(len(query.words), 1)
    words = tuple(query.widening.substitute(query.words, model))
    return TextSide(words, known, query.theta, query.aligned) if compared else None


def _untrained(query: Query, entry: Entry) -> Fit:
    held = [token for token in query.words if query.widening.is_said(token, entry.point.words)]
    if held and len(held) == len(query.words):
        return Fit.GOOD
    fit = fit_of(entry.match, GOOD_MASS)
    return Fit.WEAK if held and fit is Fit.NONE else fit
