"""Typical posts: those that are most of all about a topic."""

from collections.abc import Iterable
from heapq import heappush, heappushpop
from operator import itemgetter
from typing import Any

import numpy as np

from qdrant.points import StoredPoint

_MAIN = 3  # a post is no example of a topic that is not among its first


def typical_posts(points: Iterable[StoredPoint], limit: int = 4) -> dict[int, list[dict[str, Any]]]:
    """Find the posts with the largest share of each topic; give only points that may be shown."""
    best: dict[int, list[tuple[float, int, StoredPoint]]] = {}
    for order, point in enumerate(points):
        if point.theta is None:
            continue
        for topic in np.argsort(-point.theta, kind="stable")[:_MAIN]:
            share = float(point.theta[topic])
            if share > 0:
                heap = best.setdefault(int(topic), [])
                (heappush if len(heap) < limit else heappushpop)(heap, (share, -order, point))
    return {topic: _posts(heap) for topic, heap in best.items()}


def _posts(heap: Iterable[tuple[float, int, StoredPoint]]) -> list[dict[str, Any]]:
    largest = sorted(heap, key=itemgetter(0, 1), reverse=True)
    return [{"id": point.id, **point.post} for _, _, point in largest]
