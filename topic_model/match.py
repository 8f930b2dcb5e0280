"""How well two thetas fit: the topic mass that they have in common, in total and topic by topic."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def match(one: Floats, other: Floats) -> float:
    """Share of topic mass in common: 1 - L1 / 2, from 0 (nothing) to 1 (the same mixture)."""
    return matches(one, [other])[0]


def matches(one: Floats, others: Sequence[Floats]) -> list[float]:
    """Match one theta with many."""
    if not others:
        return []
    shared: list[float] = np.minimum(np.asarray(others), one).sum(axis=1).clip(0.0, 1.0).tolist()
    return shared


def shared_topics(one: Floats, other: Floats, limit: int = 3, least: float = 0.02) -> list[tuple[int, float]]:
    """Name the topics that make up the match, largest share first."""
    shared = np.minimum(one, other)
    best = np.argsort(-shared, kind="stable")[:limit]
    return [(int(topic), float(shared[topic])) for topic in best if shared[topic] >= least]
