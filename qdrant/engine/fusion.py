"""Reciprocal rank fusion: one order from two, for whoever has no better way to compare their scores."""

from collections.abc import Sequence

from qdrant.points import point_id
from qdrant.store import ScoredPoint

K = 60  # as in the paper: how little the very first ranks stand out


def fused(*arms: Sequence[ScoredPoint]) -> list[ScoredPoint]:
    """Order the hits of all arms by the sum of 1 / (K + rank), which is then their score; ties by the point's id."""
    scores: dict[str, float] = {}
    points = {}
    for arm in arms:
        for rank, hit in enumerate(arm, 1):
            points[hit.point.id] = hit.point
            scores[hit.point.id] = scores.get(hit.point.id, 0.0) + 1 / (K + rank)
    order = sorted(scores, key=lambda post: (-scores[post], point_id(post)))
    return [ScoredPoint(scores[post], points[post]) for post in order]
