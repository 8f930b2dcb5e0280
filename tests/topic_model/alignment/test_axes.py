"""Many features are put along the axes they differ along most, and what is aligned there holds for them as measured."""

import numpy as np
import pytest

from topic_model.alignment.aligned import align
from topic_model.alignment.axes import MOST, principal_axes
from topic_model.document import TEXT
from topic_model.vocabulary import Vocabulary

POSTS, HIDDEN, WIDTH = 400, 12, MOST + 40
WORDS = ("sea", "wave", "snow", "ski", "dog", "ball", "street", "tram")
VOCABULARY = Vocabulary({TEXT: WORDS})


@pytest.fixture(scope="module")
def measured() -> np.ndarray:
    """Features of posts that differ in a few ways, in noise; one is a thousand times as large, one is constant."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((POSTS, HIDDEN)) @ rng.standard_normal((HIDDEN, WIDTH))
    features += rng.standard_normal((POSTS, WIDTH))
    features[:, 0] *= 1000
    features[:, 1] = 7
    return features.astype(np.float32)


def test_few_features_stay_as_they_are(measured: np.ndarray) -> None:
    """Those of an encoder that was fitted lie along such axes already."""
    assert principal_axes(measured[:, :MOST]) is None


def test_each_number_counts_by_its_spread(measured: np.ndarray) -> None:
    """The few ways in which posts differ come first, however large a single number is."""
    axes = principal_axes(measured)
    assert axes is not None
    spread = axes.project(measured).std(axis=0)
    assert len(spread) == POSTS - 1
    assert spread[HIDDEN - 1] > 3 * spread[HIDDEN]
    assert np.abs(axes.axes[0, :HIDDEN]).max() < 0.3


def test_what_is_aligned_along_axes_holds_for_what_is_measured(measured: np.ndarray) -> None:
    """The same places, from the same photos; those without words moved the mean a little."""
    rng = np.random.default_rng(1)
    documents = [{TEXT: {str(word): 1.0 for word in rng.choice(WORDS, 3)}} for _ in range(POSTS - 20)] + [{}] * 20
    axes = principal_axes(measured)
    assert axes is not None
    along = axes.project(measured)
    aligned = align(along, documents, VOCABULARY)
    assert aligned is not None
    whole = axes.within(aligned)
    assert np.allclose(whole.of_photos(measured), aligned.of_photos(along), atol=1e-3)
    assert whole.photo_map.shape == (WIDTH, aligned.photo_map.shape[1])
