"""The plane of topics: what is near in it has words in common."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.planted import plant
from topic_model.model import TopicModel
from topic_model.topic_map import distances, flat, topic_plane
from topic_model.training.recipe import Recipe
from topic_model.training.train import train


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return train(plant(topics=5, documents=120).documents, Recipe(topics=5, background=1, passes=4))


def test_distances_are_kept_in_the_plane() -> None:
    """Points that lie in a plane are found again, up to turning and size."""
    truth = np.random.default_rng(1).random((12, 2))
    far = np.linalg.norm(truth[:, None] - truth[None], axis=2)
    points = flat(far)
    again = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.testing.assert_allclose(again / again.max(), far / far.max(), atol=1e-6)


def test_topics_of_the_same_words_lie_at_the_same_point(model: TopicModel) -> None:
    """A topic that is there twice has no distance to itself, and some to each of the others."""
    twice = replace(model, phi=model.phi[:, [1, 1, 2, 3, 4]])
    far = distances(twice, range(5))
    assert far[0, 1] == pytest.approx(0, abs=1e-3)
    assert far[0, 2:].min() > 0.3
    points = topic_plane(twice, range(5))
    assert np.linalg.norm(points[0] - points[1]) < 0.01
    assert np.abs(points).max() == pytest.approx(1)


def test_no_topics_and_dead_ones_have_a_plane_too(model: TopicModel) -> None:
    """Nothing becomes no number."""
    assert topic_plane(model, []).shape == (0, 2)
    dead = replace(model, phi=np.zeros_like(model.phi))
    assert np.isfinite(topic_plane(dead, range(5))).all()
