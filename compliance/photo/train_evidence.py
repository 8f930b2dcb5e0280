"""Learning what numbers tell: a logistic regression on them and on the log-odds of the features, held out by fold."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float32, Float64, Int64
from common.stats import logistic
from compliance.errors import DetectorError
from compliance.photo.evidence_weights import EvidenceWeight, EvidenceWeights, standardised

_RIDGE: Final = 10.0
_STEPS: Final = 30  # of Newton's


class EvidenceSample(NamedTuple):
    """Who measured the evidence, what its numbers are called, and a row of them for each photo."""

    id: str
    names: Sequence[str]
    numbers: Float32


def learn_evidence(
    evidence: EvidenceSample, odds: Float64, truth: Bool, folds: Int64
) -> tuple[EvidenceWeights, Float64]:
    """The weights of the numbers, and the log-odds of each photo by weights that were not learned from it.

    `odds` are the log-odds by features, from machines that had not learned from the photo either.
    """
    _, names, numbers = evidence
    if numbers.shape != (len(odds), len(names)):
        raise DetectorError(f"{len(names)} numbers are named, and {len(odds)} photos have the shape {numbers.shape}.")
    if not np.isfinite(numbers).all():
        raise DetectorError(
            "The evidence has something that is no number in a photo: see the descriptions that `evidence` names."
        )
    means, spreads = numbers.mean(axis=0, dtype=np.float64), numbers.std(axis=0, dtype=np.float64) + 1e-3
    design = np.column_stack([standardised(numbers, means, spreads), odds, np.ones(len(odds))])
    held_out = np.zeros(len(odds))
    for fold in np.unique(folds):
        out = folds == fold
        held_out[out] = design[out] @ _fit(design[~out], truth[~out])
    *weights, slope, offset = _fit(design, truth).tolist()
    rows = zip(means.tolist(), spreads.tolist(), weights, strict=True)
    table = dict(zip(names, (EvidenceWeight(*row) for row in rows), strict=True))
    return EvidenceWeights(table, slope, offset), held_out


def _fit(design: Float64, truth: Bool) -> Float64:
    """Newton's steps; the weights of the numbers are held back, slope and offset hardly."""
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[-2:] = 1e-3
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        predicted = logistic(design @ weights)
        bend = design.T @ (design * (predicted * (1 - predicted))[:, None]) + np.diag(ridge)
        step = np.linalg.solve(bend, design.T @ (truth - predicted) - ridge * weights)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return weights
