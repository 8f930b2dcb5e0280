"""Candidates in the order of the answer, each with its match: by a model, else as their arms found them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from api.search.candidates import MOST, Candidate, Pool
from api.search.query import Query
from api.search.question import Mode
from api.search.ranking import likeness_scores, odds_of, scores_of, uncalibrated
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
            hits = fused(*pool.arms.values())
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
    weights = query.question.weights
    if query.words:
        scores = scores_of(query.document, posts, model, weights, query.arms, query.widening)
    else:
        shared = [candidate.shared for candidate in candidates]
        scores = likeness_scores(query.document, posts, shared, model, weights, query.arms)
    # Nobody has told yet what a photo with words means, nor of a dual encoder that no training has met.
    untold = (query.words and query.document.get(IMAGE)) or uncalibrated(query.arms, model)
    chances: list[float | None] = [None] * len(candidates) if untold else logistic(scores).tolist()
    order = sorted(range(len(candidates)), key=lambda row: (-scores[row], posts.ids[row]))
    return [replace(candidates[row], match=chances[row]) for row in order]


def _matched(candidates: Sequence[Candidate], query: Query, model: TopicModel) -> list[Candidate]:
    """Match those that are not matched yet: words by their odds, a photo or a post by those of likeness."""
    if all(candidate.match is not None for candidate in candidates):
        return list(candidates)
    posts = outlines_of([candidate.point for candidate in candidates])
    if query.document.get(IMAGE) or not query.words:
        shared = [candidate.shared for candidate in candidates]
        untold = uncalibrated(query.near, model)
        if query.words:  # a photo with words lies half way between both, which no pair of photos has told of
            untold = {kind: target for kind, target in query.near.items() if kind is not ALIGNED}
        near = {kind: target for kind, target in query.near.items() if kind not in untold}
        odds = likeness_scores(query.document, posts, shared, model, near=near)
    else:
        odds = odds_of(query.document, posts, model, query.near, widening=query.widening)
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
