"""A search by examples: the topics that liked posts have and disliked ones have not."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from common.arrays import Float32
from qdrant.errors import PointRefused
from qdrant.filters import Not, Posts, both
from qdrant.points import StoredPoint
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA

AGAINST = 0.5  # a topic of disliked posts counts so much against a search


def by_examples(search: Search, get: Callable[[Sequence[str]], list[StoredPoint | None]]) -> Search:
    """Put a theta in the place of examples; the examples themselves are not found."""
    liked, unliked = (_thetas(posts, get(posts)) for posts in (search.like, search.unlike))
    target = search.near.get(THETA)
    if target is not None:
        liked.append(target.values)
    if not liked:
        raise PointRefused("A search by examples needs a theta, or one post at least that hits should be like.")
    others = Not(Posts(frozenset((*search.like, *search.unlike))))
    near = {**search.near, THETA: Target(blend(liked, unliked))}
    return replace(search, near=near, like=(), unlike=(), filter=both(search.filter, others))


def blend(liked: Sequence[Float32], unliked: Sequence[Float32]) -> Float32:
    """Take the mean of thetas, less the topics of others; it is a theta again, so a match keeps its meaning."""
    mean = np.mean(liked, axis=0)
    rest = np.maximum(mean - AGAINST * np.mean(unliked, axis=0), 0) if unliked else mean
    if rest.sum() < 1e-6:  # disliked is all that is liked
        rest = mean
    return np.asarray(rest / rest.sum(), dtype=np.float32)


def _thetas(posts: Sequence[str], points: Sequence[StoredPoint | None]) -> list[Float32]:
    thetas = []
    for post, point in zip(posts, points, strict=True):
        if point is None or point.theta is None:
            missing = "not stored" if point is None else "stored without topics"
            raise PointRefused(f"The example {post[:80]!r} is {missing}: name another post.")
        thetas.append(point.theta)
    return thetas
