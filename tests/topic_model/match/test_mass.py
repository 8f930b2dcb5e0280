"""The match: the share of topic mass in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.match.mass import match, matches, shared_topics, topics_in_common

mixtures = st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4).filter(lambda values: sum(values) > 0.1)


def theta(values: list[float]) -> np.ndarray:
    return (np.array(values) / sum(values)).astype(np.float32)


@given(mixtures, mixtures)
def test_match_is_one_minus_half_the_distance(one: list[float], other: list[float]) -> None:
    """Match = 1 - L1/2, the same both ways, 1 with itself."""
    a, b = theta(one), theta(other)
    assert match(a, b) == pytest.approx(1 - np.abs(a - b).sum() / 2, abs=1e-5)
    assert match(a, b) == match(b, a)
    assert match(a, a) == pytest.approx(1, abs=1e-5)
    assert matches(a, np.array([b, a])) == [match(a, b), match(a, a)]


def test_the_shared_topics_add_up_to_the_match() -> None:
    """Largest share first; shares too small to tell are left out."""
    a, b = theta([0.5, 0.3, 0.2, 0.0]), theta([0.1, 0.6, 0.0, 0.3])
    shared = shared_topics(a, b, limit=4)
    assert [topic for topic, _ in shared] == [1, 0]
    assert sum(share for _, share in shared) == pytest.approx(match(a, b))


def test_nothing_in_common_is_zero() -> None:
    """Topics that do not meet match not at all, and nothing explains it."""
    assert match(theta([1, 0, 0, 0]), theta([0, 1, 0, 0])) == 0
    assert shared_topics(theta([1, 0, 0, 0]), theta([0, 1, 0, 0])) == []


@given(mixtures, st.lists(mixtures, min_size=1, max_size=6), st.integers(1, 4))
def test_the_topics_of_many_are_those_of_each(one: list[float], others: list[list[float]], limit: int) -> None:
    """The largest shares of each, equals in the order of their topics, nothing below two of a hundred."""
    a, many = theta(one), np.array([theta(other) for other in others])
    for row, shared in zip(many, topics_in_common(a, many, limit), strict=True):
        least = np.float32(0.02)
        parts = sorted(
            (-min(x, y), topic) for topic, (x, y) in enumerate(zip(a, row, strict=True)) if min(x, y) >= least
        )
        assert shared == [(topic, float(-part)) for part, topic in parts[:limit]]
