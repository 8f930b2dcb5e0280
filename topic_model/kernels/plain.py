"""The same inference in plain numpy, for a machine without a compiler: slower, equal to 1e-5."""

from itertools import pairwise

import numpy as np

from common.arrays import Float32, Int32, Int64

_TINY = np.float32(1e-25)  # as in the compiled loops
_LEAST = np.finfo(np.float32).tiny


def infer(
    rows: Int32, counts: Float32, phi: Float32, keep: Float32, prior: Float32, iterations: int, theta: Float32
) -> None:
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
    indptr: Int64, rows: Int32, counts: Float32, phi: Float32, keep: Float32, prior: Float32, iterations: int
) -> Float32:
    """Theta of many documents; a document without a token gets zeros."""
    thetas = np.zeros((len(indptr) - 1, phi.shape[1]), dtype=np.float32)
    for d, (first, last) in enumerate(pairwise(indptr)):
        if first < last:
            infer(rows[first:last], counts[first:last], phi, keep, prior, iterations, thetas[d])
    return thetas
