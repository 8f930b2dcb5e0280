"""Candidates in the order of the answer, each with its match: by a model, else as their arms found them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from api.search.candidates import MOST, Candidate, Pool
from api.search.query import Query
from api.search.question import Mode
from api.search.ranking import odds_of, scores_of
from common.stats import logistic
from qdrant.engine.fusion import fused
from qdrant.outline import outlines_of
from qdrant.vector_kind import ALIGNED
from topic_model.document import IMAGE
from topic_model.model import TopicModel


def ordered(pool: Pool, query: Query, model: TopicModel | None) -> list[Candidate]:
    """Put the first candidates in order; the later ones follow them. None matches more than the one before it."""
    best = list(pool.first)
    if model is None:
        if query.arms:
            candidates = {candidate.point.id: candidate for candidate in best}
            hits = fused(*pool.arms)
            best = [candidates[hit.point.id] for hit in hits if hit.point.id in candidates]
        return [*best, *pool.later][:MOST]
    best = _matched(_by_score(best, query, model) if query.mode is Mode.HYBRID else best, query, model)
    whole = [*best, *_matched(list(pool.later), query, model)][:MOST]
    least = query.question.min_match or 0.0
    return [candidate for candidate in _falling(whole) if (candidate.match or 0.0) >= least]


def _by_score(candidates: Sequence[Candidate], query: Query, model: TopicModel) -> list[Candidate]:
    """The likeliest first; of equals, by their ids."""
    if not candidates:
        return []
    posts = outlines_of([candidate.point for candidate in candidates])
    scores = scores_of(query.document, posts, model, query.question.weights, query.arms, query.widening)
    chances: list[float | None] = [None] * len(candidates) if query.document.get(IMAGE) else logistic(scores).tolist()
    order = sorted(range(len(candidates)), key=lambda row: (-scores[row], posts.ids[row]))
    return [replace(candidates[row], match=chances[row]) for row in order]


def _matched(candidates: Sequence[Candidate], query: Query, model: TopicModel) -> list[Candidate]:
    """Match those that are not matched yet: with words by their odds, else by the topics in common."""
    if all(candidate.match is not None for candidate in candidates):
        return list(candidates)
    if query.document.get(IMAGE) or not query.words:
        return [replace(candidate, match=candidate.shared) for candidate in candidates]
    posts = outlines_of([candidate.point for candidate in candidates])
    odds = odds_of(query.document, posts, model, query.near.get(ALIGNED), widening=query.widening)
    chances = logistic(np.asarray(odds)).tolist()
    return [replace(candidate, match=match) for candidate, match in zip(candidates, chances, strict=True)]


def _falling(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Where another measure orders than the match, a hit matches at most what the one before it does."""
    most = 1.0
    for candidate in candidates:
        if candidate.match is not None:
            most = min(most, candidate.match)
            candidate = replace(candidate, match=most)
        yield candidate
