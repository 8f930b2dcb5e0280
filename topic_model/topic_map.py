"""A plane of topics: those with words in common lie near one another."""

from collections.abc import Sequence

import numpy as np

from common.arrays import Float64
from topic_model.model import TopicModel


def topic_plane(model: TopicModel, topics: Sequence[int]) -> Float64:
    """A point for each of the topics, within -1 and 1."""
    return flat(distances(model, topics))


def distances(model: TopicModel, topics: Sequence[int]) -> Float64:
    """Hellinger distances between topics, each modality counting alike: 0 for the same words, 1 for none in common."""
    shared = np.zeros((len(topics), len(topics)))
    for rows in model.vocabulary.slices.values():
        roots = np.sqrt(model.phi[rows][:, topics].astype(np.float64))
        shared += roots.T @ roots
    far = np.sqrt(np.clip(1 - shared / len(model.vocabulary.slices), 0, 1))
    np.fill_diagonal(far, 0)
    return far


def flat(far: Float64) -> Float64:
    """Places in the plane whose distances are nearest to these (classical scaling), within -1 and 1."""
    count = len(far)
    centring = np.eye(count) - 1 / max(count, 1)
    values, vectors = np.linalg.eigh(-centring @ far**2 @ centring / 2)
    axes = np.zeros((count, 2))
    for axis in range(min(2, count)):
        column = vectors[:, -1 - axis] * np.sqrt(max(values[-1 - axis], 0))
        axes[:, axis] = column * np.sign(column[np.abs(column).argmax()] or 1)  # eigenvectors have no sign of their own
    axes /= max(np.abs(axes).max(initial=0), 1e-9)
    return axes
