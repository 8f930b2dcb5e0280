"""The axes that features differ along most: what several encoders measured, on one footing, and no more than teaches.

Each number counts by its own spread, or an encoder with large ones would drown the others. Of thousands of numbers a
space that is learned from thousands of posts takes the noise too: the first 800 axes find more than all of them.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from common.arrays import Float32, Float64
from topic_model.alignment.aligned import Aligned

MOST = 800
_ROWS = 4096  # at once, so that memory stays bounded


class PrincipalAxes(NamedTuple):
    """Where features lie: (features - mean) / spread, then along the axes."""

    mean: Float64
    spread: Float64
    axes: Float64

    def project(self, features: Float32) -> Float32:
        """Give the place of each row along the axes."""
        parts = [features[at : at + _ROWS] for at in range(0, len(features), _ROWS)]
        return np.concatenate([((part - self.mean) / self.spread @ self.axes).astype(np.float32) for part in parts])

    def within(self, aligned: Aligned) -> Aligned:
        """What was aligned along the axes, for features as they are measured."""
        back = self.axes / self.spread[:, None]
        asking, entering = aligned.asking_map, aligned.photo_entering
        return replace(
            aligned,
            photo_mean=(self.mean + self.spread * (self.axes @ aligned.photo_mean)).astype(np.float32),
            photo_map=(back @ aligned.photo_map).astype(np.float32),
            asking_map=(back @ asking).astype(np.float32) if asking.size else asking,
            photo_entering=(back @ entering).astype(np.float32) if entering.size else entering,
        )


def principal_axes(features: Float32) -> PrincipalAxes | None:
    """Find the axes of most variance; None where the features are no more than that already."""
    if features.shape[1] <= MOST:
        return None
    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 1e-6, spread, 1.0)
    covariance = np.zeros((features.shape[1],) * 2)
    for at in range(0, len(features), _ROWS):
        rows = (features[at : at + _ROWS] - mean) / spread
        covariance += rows.T @ rows
    _, axes = np.linalg.eigh(covariance)
    kept = min(MOST, len(features) - 1)
    return PrincipalAxes(mean, spread, axes[:, ::-1][:, :kept])
