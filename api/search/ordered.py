"""Candidates in the order of the answer: by likelihood where a model can tell, else as their arms found them."""

from api.search.candidates import MOST, Candidate, Pool
from api.search.query import Query
from api.search.question import Mode
from api.search.ranking import order
from qdrant.engine.fusion import fused
from qdrant.outline import outlines_of
from topic_model.model import TopicModel


def ordered(pool: Pool, query: Query, model: TopicModel | None) -> list[Candidate]:
    """Put the first candidates in order; the later ones follow them."""
    best = list(pool.first)
    weights = query.question.weights
    if query.mode is Mode.HYBRID and model is not None and len(best) > 1:
        posts = outlines_of([candidate.point for candidate in best])
        best = [best[row] for row in order(query.document, posts, model, weights, query.arms, query.widening)]
    elif model is None and query.arms:
        candidates = {candidate.point.id: candidate for candidate in best}
        hits = fused(*pool.arms)
        best = [candidates[hit.point.id] for hit in hits if hit.point.id in candidates]
    return [*best, *pool.later][:MOST]
