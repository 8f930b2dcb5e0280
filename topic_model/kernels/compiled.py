"""The E-step as compiled loops over documents: the only file that needs a compiler (numba).

Words are taken four at a time from a block of their rows of Phi, so that theta and the sums stay in registers.
"""

import numpy as np
from numba import njit

from common.arrays import Float32, Int32, Int64

_ZERO = np.float32(0.0)
_TINY = np.float32(1e-25)  # below it a word is unexplained; the largest count over it is still a number
_LEAST = np.finfo(np.float32).tiny  # one over anything below is no number
_UNEXPLAINED = np.float32(1e-8)  # what a word that no topic explains counts for in the likelihood


@njit(nogil=True, cache=True, fastmath=True)
def infer(
    rows: Int32, counts: Float32, phi: Float32, keep: Float32, prior: Float32, iterations: int, theta: Float32
) -> None:
    """Write one document's theta, from uniform: theta_t <- norm+(keep_t theta_t sum_w n_w phi_wt / p_w + prior_t)."""
    block = np.empty((len(rows) + 3, phi.shape[1]), dtype=np.float32)
    padded = np.empty(len(rows) + 3, dtype=np.float32)
    _gather(rows, counts, phi, block, padded)
    _iterate(block, padded, (len(rows) + 3) // 4 * 4, keep, prior, iterations, theta, np.empty_like(theta))


@njit(nogil=True, cache=True, fastmath=True)
def infer_batch(
    indptr: Int64, rows: Int32, counts: Float32, phi: Float32, keep: Float32, prior: Float32, iterations: int
) -> Float32:
    """Theta of many documents; a document without a token gets zeros."""
    thetas = np.zeros((len(indptr) - 1, phi.shape[1]), dtype=np.float32)
    block, padded, sums = _workspace(indptr, phi.shape[1])
    for d in range(len(indptr) - 1):
        first, last = indptr[d], indptr[d + 1]
        if first < last:
            length = _gather(rows[first:last], counts[first:last], phi, block, padded)
            _iterate(block, padded, length, keep, prior, iterations, thetas[d], sums)
    return thetas


@njit(nogil=True, cache=True, fastmath=True)
def e_step(
    indptr: Int64,
    rows: Int32,
    counts: Float32,
    phi: Float32,
    keep: Float32,
    prior: Float32,
    iterations: int,
    n_wt: Float32,
) -> float:
    """Add n_dw p(t|d,w) of every document to `n_wt`; return the log-likelihood sum_dw n_dw log p(w|d)."""
    topics = phi.shape[1]
    theta = np.zeros(topics, dtype=np.float32)
    block, padded, sums = _workspace(indptr, topics)
    likelihood = 0.0
    for d in range(len(indptr) - 1):
        first, last = indptr[d], indptr[d + 1]
        if first == last:
            continue
        length = _gather(rows[first:last], counts[first:last], phi, block, padded)
        _iterate(block, padded, length, keep, prior, iterations, theta, sums)
        for i in range(last - first):
            of_word, into = block[i], n_wt[rows[first + i]]
            p = _ZERO
            for t in range(topics):
                p += of_word[t] * theta[t]
            likelihood += padded[i] * np.log(max(p, _UNEXPLAINED))
            if p > _TINY:
                share = padded[i] / p
                for t in range(topics):
                    into[t] += share * of_word[t] * theta[t]
    return likelihood


@njit(nogil=True, cache=True, fastmath=True)
def _workspace(indptr: Int64, topics: int) -> tuple[Float32, Float32, Float32]:
    """Room for the longest document, and for the sums of one iteration."""
    longest = 0
    for d in range(len(indptr) - 1):
        longest = max(longest, indptr[d + 1] - indptr[d])
    return (
        np.empty((longest + 3, topics), dtype=np.float32),
        np.empty(longest + 3, dtype=np.float32),
        np.empty(topics, dtype=np.float32),
    )


@njit(nogil=True, cache=True, fastmath=True)
def _gather(rows: Int32, counts: Float32, phi: Float32, block: Float32, padded: Float32) -> int:
    """Copy the rows of a document's words side by side, filled up to a multiple of four with words without weight."""
    length = (len(rows) + 3) // 4 * 4
    for i in range(len(rows)):
        row = rows[i]
        for t in range(phi.shape[1]):  # as one assignment of a row it takes twice as long
            block[i, t] = phi[row, t]
        padded[i] = counts[i]
    for i in range(len(rows), length):
        block[i] = _ZERO
        padded[i] = _ZERO
    return length


@njit(nogil=True, cache=True, fastmath=True)
def _iterate(
    block: Float32,
    counts: Float32,
    length: int,
    keep: Float32,
    prior: Float32,
    iterations: int,
    theta: Float32,
    sums: Float32,
) -> None:
    topics = theta.shape[0]
    theta[:] = np.float32(1.0 / topics)
    for _ in range(iterations):
        sums[:] = _ZERO
        for i in range(0, length, 4):
            a, b, c, d = block[i], block[i + 1], block[i + 2], block[i + 3]
            p_a, p_b, p_c, p_d = _ZERO, _ZERO, _ZERO, _ZERO
            for t in range(topics):
                p_a += a[t] * theta[t]
                p_b += b[t] * theta[t]
                p_c += c[t] * theta[t]
                p_d += d[t] * theta[t]
            n_a = counts[i] / p_a if p_a > _TINY else _ZERO
            n_b = counts[i + 1] / p_b if p_b > _TINY else _ZERO
            n_c = counts[i + 2] / p_c if p_c > _TINY else _ZERO
            n_d = counts[i + 3] / p_d if p_d > _TINY else _ZERO
            for t in range(topics):
                sums[t] += n_a * a[t] + n_b * b[t] + n_c * c[t] + n_d * d[t]
        total = _ZERO
        for t in range(topics):
            value = max(keep[t] * theta[t] * sums[t] + prior[t], _ZERO)
            theta[t] = value
            total += value
        if total < _LEAST:
            theta[:] = _ZERO
            return
        for t in range(topics):
            theta[t] /= total
