"""The E-step as compiled loops over documents: the only file that needs a compiler (numba)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@njit(nogil=True, cache=True, fastmath=True)
def infer(rows: NDArray[np.int32], counts: Floats, phi: Floats, prior: Floats, iterations: int, theta: Floats) -> None:
    """Write one document's theta, starting from uniform: theta_t <- norm+(theta_t sum_w n_w phi_wt / p_w + prior_t)."""
    topics = phi.shape[1]
    gathered = np.zeros(topics, dtype=np.float32)
    for t in range(topics):
        theta[t] = np.float32(1.0 / topics)
    for _ in range(iterations):
        gathered[:] = np.float32(0.0)
        for i in range(len(rows)):
            of_word = phi[rows[i]]
            p = np.float32(0.0)
            for t in range(topics):
                p += of_word[t] * theta[t]
            if p > np.float32(1e-30):
                share = counts[i] / p
                for t in range(topics):
                    gathered[t] += share * of_word[t]
        total = np.float32(0.0)
        for t in range(topics):
            value = max(theta[t] * gathered[t] + prior[t], np.float32(0.0))
            theta[t] = value
            total += value
        if total <= np.float32(0.0):
            theta[:] = np.float32(0.0)
            return
        for t in range(topics):
            theta[t] /= total


@njit(nogil=True, cache=True, fastmath=True)
def infer_batch(
    indptr: NDArray[np.int64], rows: NDArray[np.int32], counts: Floats, phi: Floats, prior: Floats, iterations: int
) -> Floats:
    """Theta of many documents; a document without a token gets zeros."""
    theta = np.zeros((len(indptr) - 1, phi.shape[1]), dtype=np.float32)
    for d in range(len(indptr) - 1):
        first, last = indptr[d], indptr[d + 1]
        if first < last:
            infer(rows[first:last], counts[first:last], phi, prior, iterations, theta[d])
    return theta


@njit(nogil=True, cache=True, fastmath=True)
def e_step(
    indptr: NDArray[np.int64],
    rows: NDArray[np.int32],
    counts: Floats,
    phi: Floats,
    prior: Floats,
    iterations: int,
    n_wt: Floats,
) -> float:
    """Add n_dw p(t|d,w) of every document to `n_wt`; return the log-likelihood sum_dw n_dw log p(w|d)."""
    topics = phi.shape[1]
    theta = np.zeros(topics, dtype=np.float32)
    likelihood = 0.0
    for d in range(len(indptr) - 1):
        first, last = indptr[d], indptr[d + 1]
        if first == last:
            continue
        infer(rows[first:last], counts[first:last], phi, prior, iterations, theta)
        for i in range(first, last):
            of_word = phi[rows[i]]
            into = n_wt[rows[i]]
            p = np.float32(0.0)
            for t in range(topics):
                p += of_word[t] * theta[t]
            if p > np.float32(1e-30):
                likelihood += counts[i] * np.log(p)
                share = counts[i] / p
                for t in range(topics):
                    into[t] += share * of_word[t] * theta[t]
    return likelihood
