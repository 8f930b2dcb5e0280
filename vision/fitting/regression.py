"""What encoders learn from photos, as functions of arrays: principal axes, a codebook, a regression on words."""

from typing import Final, NamedTuple

import numpy as np

from common.arrays import Float32, Float64, Index, UInt8

_ROUNDS: Final = 15
_ROWS: Final = 4096  # at once, so that memory stays bounded


class Axes(NamedTuple):
    """Where features lie: (features - mean) / spread, then along the axes."""

    mean: Float32
    spread: Float32
    axes: Float32

    def project(self, features: Float32) -> Float32:
        """Give the place of each row along the axes."""
        return np.asarray(((features - self.mean) / self.spread) @ self.axes, np.float32)


def learn_axes(features: Float32, components: int) -> Axes:
    """Standardise each dimension, then find the principal axes of all, those of most variance first."""
    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 1e-6, spread, 1.0).astype(np.float32)
    mean = mean.astype(np.float32)
    covariance = np.zeros((features.shape[1],) * 2)
    for at in range(0, len(features), _ROWS):
        rows = (features[at : at + _ROWS] - mean) / spread
        covariance += rows.T @ rows
    _, vectors = np.linalg.eigh(covariance)
    kept = min(components, len(features) - 1, features.shape[1])
    return Axes(mean, spread, _one_sign(vectors[:, ::-1][:, :kept]).astype(np.float32))


def learn_directions(vectors: Float32, components: int) -> tuple[Float32, Float32]:
    """Mean and axes that turn vectors of places into directions: principal axes, whitened by half."""
    mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred = vectors - mean
    values, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred / len(vectors))
    kept = min(components, vectors.shape[1])
    values, axes = values[::-1][:kept], _one_sign(axes[:, ::-1][:, :kept])
    return mean, (axes * np.maximum(values, 1e-9) ** -0.25).astype(np.float32)


def learn_codebook(directions: Float32, size: int, seed: int = 0) -> Float32:
    """Find centres among vectors of unit length by k-means on the sphere; the same vectors give the same centres."""
    rng = np.random.default_rng(seed)
    size = min(size, len(directions))
    centres = directions[rng.choice(len(directions), size, replace=False)]
    for _ in range(_ROUNDS):
        nearest, likeness = _nearest(directions, centres)
        order = np.argsort(nearest, kind="stable")
        filled, starts = np.unique(nearest[order], return_index=True)
        sums = np.zeros_like(centres)
        sums[filled] = np.add.reduceat(directions[order], starts, axis=0)
        # A centre that nobody is near starts anew where the others fit worst.
        empty = np.setdiff1d(np.arange(size), filled)
        sums[empty] = directions[np.argsort(likeness, kind="stable")[: len(empty)]]
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return centres


def learn_ridge(projected: Float32, shares: Float32, folds: UInt8, count: int, alpha: float) -> Float32:
    """Coefficients from places along axes to shares of words, above what is usual: of all rows, then without each fold.

    Row 0 of the answer is for photos that did not teach, row 1 + f for those of fold f, which it did not learn from.
    """
    eye = alpha * np.eye(projected.shape[1])
    coefficients = []
    for left_out in (None, *range(count)):
        taught = np.ones(len(folds), bool) if left_out is None else folds != left_out
        rows, wanted = projected[taught].astype(np.float64), shares[taught]
        if not taught.any():  # all photos are copies of one
            coefficients.append(np.zeros((projected.shape[1], shares.shape[1])))
            continue
        # What is usual is learned without the fold as well: a word that only its photos have is then not known at all.
        above = wanted - wanted.mean(axis=0)
        coefficients.append(np.linalg.solve(rows.T @ rows + eye, rows.T @ above))
    return np.stack(coefficients).astype(np.float32)


def _nearest(directions: Float32, centres: Float32) -> tuple[Index, Float32]:
    nearest = np.empty(len(directions), np.intp)
    likeness = np.empty(len(directions), np.float32)
    for at in range(0, len(directions), _ROWS):
        products = directions[at : at + _ROWS] @ centres.T
        nearest[at : at + _ROWS] = best = products.argmax(axis=1)
        likeness[at : at + _ROWS] = products[np.arange(len(best)), best]
    return nearest, likeness


def _one_sign(vectors: Float64) -> Float64:
    """Of an axis and its reverse take the one whose largest entry is positive: the same on every machine."""
    largest = np.abs(vectors).argmax(axis=0)
    turned: Float64 = vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return turned
