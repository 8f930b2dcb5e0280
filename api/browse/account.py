"""An account of a hit, for engineers: which arms found it, at which rank, and what its place in the order comes from.

It tells nothing that a visitor could not find out by asking otherwise. Weights of words are left out: how rare a word
is in the store counts posts that he may not see.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from api.answers import Account, ArmRank
from api.search.candidates import Pool, Shortlist
from api.search.query import Query
from api.search.question import Mode
from api.search.ranking import cosines_of, odds_of, thetas_of
from qdrant.outline import Outlines
from qdrant.points import WORDS
from qdrant.store import ArmRows
from qdrant.vector_kind import THETA
from topic_model.document import IMAGE, TAG, TEXT, own_words
from topic_model.model import TopicModel
from topic_model.ranking.odds import speech_of
from topic_model.ranking.odds_line import kind_of_post


class OrderedBy(StrEnum):
    """What hits stand in the order of."""

    FIELD = "field"
    ODDS = "odds"
    SCORE = "score"
    RANKS = "ranks"
    TOPICS = "topics"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Gives accounts of the hits of a page."""

    model: TopicModel | None

    def of(self, query: Query, pool: Pool, shown: Shortlist) -> Mapping[str, Account]:
        """The account of each, by its id; of a photo that nobody is sure about nothing is said."""
        if query.admitted.narrowed or not shown:
            return {}
        arms = {name: _placed(name, arm, shown.table) for name, arm in pool.arms.items()}
        by = _ordered_by(query, self.model).value
        told = {}
        for candidate, parts in zip(shown, self._parts(query, shown), strict=True):
            post = candidate.point.id
            ranks = [ArmRank(name, *placed[post]) for name, placed in arms.items() if post in placed]
            told[post] = Account(
                ordered_by=by, arms=ranks, topics=_rounded(candidate.shared), match=_rounded(candidate.match), **parts
            )
        return told

    def _parts(self, query: Query, shown: Shortlist) -> Iterator[dict[str, Any]]:
        """What the words of a question and each post have to do with one another, as they were weighed."""
        words = list(own_words({modality: query.document.get(modality, {}) for modality in (TEXT, TAG)}))
        if self.model is None or not words or query.document.get(IMAGE):
            yield from ({} for _ in shown)
            return
        posts, near = shown.outlines, query.near
        speech = speech_of(words, query.widening, thetas_of(posts, self.model), posts.words.shares, self.model)
        cosines = cosines_of(query.document, posts, self.model, near, query.widening)
        odds = odds_of(query.document, posts, self.model, near, query.question.weights, query.widening)
        for row in range(len(shown)):
            placed = not np.isnan(cosines.aligned[row])
            seen = cosines.dual is not None and not np.isnan(cosines.dual[row])
            yield {
                "kind": kind_of_post(silent=bool(speech.silent[row]), placed=placed, dual=seen),
                "lift": _rounded(speech.lift[row]),
                "own": _rounded(speech.own[row]),
                "cosine": _rounded(cosines.aligned[row]) if placed else None,
                "dual": _rounded(cosines.dual[row]) if cosines.dual is not None and seen else None,
                "odds": _rounded(odds[row]),
            }


def _placed(name: str, arm: ArmRows, table: Outlines) -> dict[str, tuple[int, float | None]]:
    """The rank of each hit of an arm, and its score as a likeness: topics in common, or a cosine."""
    found = enumerate(zip(arm.rows.tolist(), arm.scores.tolist(), strict=True), 1)
    return {table.ids[row]: (rank, _likeness(name, score)) for rank, (row, score) in found}


def _likeness(arm: str, score: float) -> float | None:
    if arm == WORDS:
        return None
    return _rounded(1 - score / 2 if arm == THETA.name else score)


def _ordered_by(query: Query, model: TopicModel | None) -> OrderedBy:
    if query.question.sort:
        return OrderedBy.FIELD
    if model is None:
        return OrderedBy.RANKS if query.arms else OrderedBy.WORDS
    if query.mode is not Mode.HYBRID:
        return OrderedBy(query.mode.value)
    return OrderedBy.SCORE if query.document.get(IMAGE) else OrderedBy.ODDS


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
