"""From the tensors of a network to visual words, as functions of arrays."""

from typing import Final

import numpy as np

from common.arrays import Float32

_LEAST: Final = 1e-12  # a probability of 0 has no logarithm


def probabilities(values: Float32, *, logits: bool, temperature: float) -> Float32:
    """Rows that sum to 1: what a network says of classes, sharpened below temperature 1, flattened above."""
    scores = values.astype(np.float64) if logits else np.log(np.maximum(values, _LEAST, dtype=np.float64))
    scores = (scores - scores.max(axis=1, keepdims=True)) / temperature
    shares = np.exp(scores)
    whole: Float32 = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    return whole


def levelled(shares: Float32, tail: float) -> Float32:
    """Spread a share of `tail` by logarithms above the least, so that rare classes count; rows sum to 1."""
    height = np.log(np.maximum(shares, _LEAST, dtype=np.float64))
    height -= height.min(axis=1, keepdims=True)
    whole = height.sum(axis=1, keepdims=True)
    spread = np.divide(height, whole, out=np.full_like(height, 1 / height.shape[1]), where=whole > 0)
    mixed: Float32 = (tail * spread + (1 - tail) * shares).astype(np.float32)
    return mixed


def drawn(shares: Float32, draws: int, seed: int) -> Float32:
    """Draw words instead of expecting them, each row with the same seed: a photo has the same words in any batch."""
    rows = shares.astype(np.float64)
    rows /= rows.sum(axis=1, keepdims=True)
    # The old generator and the margin below 1 are those of image2pic, so that its words can be compared with ours.
    counts = [np.random.RandomState(seed).multinomial(draws, row * 0.99999) for row in rows]
    return np.array(counts, dtype=np.float32).reshape(shares.shape)


def above_usual(values: Float32, usual: Float32 | None, spread: Float32 | None) -> Float32:
    """How far each channel is above what is usual for it, in units of its spread; nothing below."""
    if usual is None or spread is None:
        return np.maximum(values, np.float32(0))
    return np.asarray(np.maximum((values - usual) / spread, 0), np.float32)


def cells(tensor: Float32, *, channels_last: bool) -> Float32:
    """The channels of each place of a map: photos x places x channels; what is no map has one place."""
    if channels_last or tensor.ndim < 3:
        return tensor.reshape(len(tensor), -1, tensor.shape[-1])
    return tensor.reshape(*tensor.shape[:2], -1).transpose(0, 2, 1)


def directions(vectors: Float32, mean: Float32, axes: Float32) -> Float32:
    """Vectors of unit length along the learned axes."""
    projected = (vectors - mean) @ axes
    return np.asarray(projected / np.maximum(np.linalg.norm(projected, axis=-1, keepdims=True), 1e-9), np.float32)


def soft_counts(vectors: Float32, centres: Float32, nearest: int, sharpness: float) -> Float32:
    """Of photos x places x dimensions: what share of its places is nearest to each centre; rows sum to 1."""
    photos, count, dimensions = vectors.shape
    near = vectors.reshape(-1, dimensions) @ centres.T
    nearest = min(nearest, len(centres))
    best = np.argpartition(near, -nearest, axis=1)[:, -nearest:]
    weights = np.exp(sharpness * (np.take_along_axis(near, best, axis=1) - 1))
    weights /= weights.sum(axis=1, keepdims=True)
    of_photo = np.arange(photos).repeat(count)[:, None] * len(centres) + best
    counts = np.bincount(of_photo.ravel(), weights.ravel(), minlength=photos * len(centres)) / count
    return np.asarray(counts.reshape(photos, -1), np.float32)
