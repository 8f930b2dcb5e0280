"""The same inference in plain numpy, for a machine without a compiler: slower, equal to 1e-5."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

_TINY = np.float32(1e-25)  # as in the compiled loops
_LEAST = np.finfo(np.float32).tiny


def infer(rows: Ints, counts: Floats, phi: Floats, keep: Floats, prior: Floats, iterations: int, theta: Floats) -> None:
    """Write one document's theta, from uniform: theta_t <- norm+(keep_t theta_t sum_w n_w phi_wt / p_w + prior_t)."""
    of_words = phi[rows]
    theta[:] = 1.0 / len(theta)
    for _ in range(iterations):
        p = of_words @ theta
        shares = np.divide(counts, p, out=np.zeros_like(p), where=p > _TINY)
        value = np.maximum(keep * theta * (shares @ of_words) + prior, np.float32(0.0))
        total = value.sum()
        if total < _LEAST:
            theta[:] = 0.0
            return
        theta[:] = value / total


def infer_batch(
    indptr: NDArray[np.int64], rows: Ints, counts: Floats, phi: Floats, keep: Floats, prior: Floats, iterations: int
) -> Floats:
    """Theta of many documents; a document without a token gets zeros."""
    thetas = np.zeros((len(indptr) - 1, phi.shape[1]), dtype=np.float32)
    for d, (first, last) in enumerate(pairwise(indptr)):
        if first < last:
            infer(rows[first:last], counts[first:last], phi, keep, prior, iterations, thetas[d])
    return thetas
