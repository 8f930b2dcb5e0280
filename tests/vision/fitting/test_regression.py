"""What is learned from arrays: planted axes, centres and words are found again, the same each time."""

import numpy as np
import pytest

from vision.fitting.regression import learn_axes, learn_codebook, learn_directions, learn_ridge


def test_axes_are_those_of_most_variance() -> None:
    """Two hidden causes in eight features are the first two axes; projected features are centred and uncorrelated."""
    rng = np.random.default_rng(0)
    causes = rng.standard_normal((500, 2))
    features = (causes @ rng.standard_normal((2, 8)) + 0.01 * rng.standard_normal((500, 8)) + 5).astype(np.float32)
    axes = learn_axes(features, 4)
    projected = axes.project(features)
    assert projected.dtype == np.float32
    assert projected.mean(axis=0) == pytest.approx([0] * 4, abs=1e-3)
    variance = projected.var(axis=0)
    assert variance[:2].sum() > 0.99 * variance.sum()
    assert np.asarray(np.corrcoef(projected[:, :2].T))[0, 1] == pytest.approx(0, abs=1e-3)


def test_a_feature_that_never_changes_does_no_harm() -> None:
    """A dimension without spread is not divided by nothing."""
    features = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    features[:, 2] = 7
    assert np.isfinite(learn_axes(features, 3).project(features)).all()


def test_there_are_no_more_axes_than_photos() -> None:
    """Few photos give few axes."""
    features = np.random.default_rng(0).standard_normal((5, 30)).astype(np.float32)
    assert learn_axes(features, 800).axes.shape == (30, 4)


def test_planted_centres_are_found() -> None:
    """Vectors around six directions give those directions, and the same ones each time."""
    rng = np.random.default_rng(1)
    planted = np.eye(6, dtype=np.float32)
    vectors = planted[rng.integers(0, 6, 900)] + 0.1 * rng.standard_normal((900, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    centres = learn_codebook(vectors, 6)
    assert np.linalg.norm(centres, axis=1) == pytest.approx([1] * 6, abs=1e-5)
    assert (centres @ planted.T).max(axis=0) == pytest.approx([1] * 6, abs=0.02)
    assert (learn_codebook(vectors, 6) == centres).all()


def test_there_are_no_more_centres_than_vectors() -> None:
    """A codebook larger than what there is to learn from is made smaller."""
    assert len(learn_codebook(np.eye(3, dtype=np.float32), 10)) == 3


def test_directions_are_whitened_by_half() -> None:
    """The stronger of two axes stays stronger, by the root of what it was."""
    rng = np.random.default_rng(2)
    vectors = (rng.standard_normal((4000, 2)) * [16, 1]).astype(np.float32) + 3
    mean, axes = learn_directions(vectors, 2)
    assert ((vectors - mean) @ axes).std(axis=0) == pytest.approx([4, 1], rel=0.05)


def test_ridge_leaves_each_fold_out() -> None:
    """The regression of a fold is the one that scikit-learn's formula gives without its rows; row 0 is of all."""
    rng = np.random.default_rng(3)
    projected = rng.standard_normal((60, 4)).astype(np.float32)
    shares = rng.random((60, 3)).astype(np.float32)
    folds = (np.arange(60) % 5).astype(np.uint8)
    coefficients = learn_ridge(projected, shares, folds, 5, alpha=2.0)
    for fold in range(-1, 5):
        rows = folds != fold
        x, y = projected[rows].astype(float), shares[rows] - shares[rows].mean(axis=0)
        expected = np.linalg.solve(x.T @ x + 2 * np.eye(4), x.T @ y)
        assert coefficients[fold + 1] == pytest.approx(expected, abs=1e-5)
