"""Candidates in the order of the answer, each with its match: by a model, else as their arms found them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from api.search.candidates import MOST, Pool, Shortlist
from api.search.query import Query
from api.search.question import Mode
from api.search.ranking import likeness_scores, odds_of, scores_of, uncalibrated
from common.arrays import Float64, Index
from common.stats import logistic
from qdrant.engine.fusion import fused
from qdrant.vector_kind import ALIGNED
from topic_model.document import IMAGE
from topic_model.model import TopicModel


def ordered(pool: Pool, query: Query, model: TopicModel | None) -> Shortlist:
    """Put the first candidates in order; the later ones follow them. None matches more than the one before it."""
    if model is None:
        return (_fused(pool) if query.arms else pool.first).followed_by(pool.later)[:MOST]
    best = _by_score(pool.first, query, model) if query.mode is Mode.HYBRID else pool.first
    whole = _matched(best, query, model).followed_by(_matched(pool.later, query, model))[:MOST]
    falling = replace(whole, matches=_falling(whole.matches))
    least = query.question.min_match or 0.0
    return falling.take(np.nan_to_num(falling.matches) >= least) if least else falling


def _fused(pool: Pool) -> Shortlist:
    """By their ranks in all arms."""
    places = {row: place for place, row in enumerate(pool.first.rows.tolist())}
    hits = fused(*(arm.points(pool.first.table) for arm in pool.arms.values()))
    return pool.first.take(np.array([places[hit.point.row] for hit in hits if hit.point.row in places], np.intp))


def _by_score(candidates: Shortlist, query: Query, model: TopicModel) -> Shortlist:
    """The likeliest first; of equals, by their ids."""
    if not candidates:
        return candidates
    posts = candidates.outlines
    weights = query.question.weights
    if query.words:
        scores = scores_of(query.document, posts, model, weights, query.arms, query.widening)
    else:
        scores = likeness_scores(query.document, posts, candidates.shared, model, weights, query.arms)
    # Nobody has told yet what a photo with words means, nor of a dual encoder that no training has met.
    untold = (query.words and query.document.get(IMAGE)) or uncalibrated(query.arms, model)
    chances = np.full(len(scores), np.nan) if untold else logistic(scores)
    return replace(candidates, matches=chances).take(_best_first(scores, posts.ids))


def _best_first(scores: Float64, ids: Sequence[str]) -> Index:
    order = np.argsort(-scores, kind="stable")
    if (np.diff(scores[order]) < 0).all():
        return order
    return np.array(sorted(range(len(scores)), key=lambda row: (-scores[row], ids[row])), np.intp)


def _matched(candidates: Shortlist, query: Query, model: TopicModel) -> Shortlist:
    """Match those that are not matched yet: words by their odds, a photo or a post by those of likeness."""
    if not np.isnan(candidates.matches).any():
        return candidates
    posts = candidates.outlines
    if query.document.get(IMAGE) or not query.words:
        untold = uncalibrated(query.near, model)
        if query.words:  # a photo with words lies half way between both, which no pair of photos has told of
            untold = {kind: target for kind, target in query.near.items() if kind is not ALIGNED}
        near = {kind: target for kind, target in query.near.items() if kind not in untold}
        odds = likeness_scores(query.document, posts, candidates.shared, model, near=near)
    else:
        odds = odds_of(query.document, posts, model, query.near, widening=query.widening)
    return replace(candidates, matches=logistic(np.asarray(odds)))


def _falling(matches: Float64) -> Float64:
    """Where another measure orders than the match, a hit matches at most what the one before it does."""
    return np.fmin.accumulate(np.concatenate([[1.0], matches]))[1:]
