"""Inference by compiled loops where numba is installed, else by numpy; numba is loaded by the first document."""

from functools import cache
from types import ModuleType

from common.arrays import Float32, Int32, Int64


def infer(
    rows: Int32, counts: Float32, phi: Float32, keep: Float32, prior: Float32, iterations: int, theta: Float32
) -> None:
    """Write one document's theta."""
    _kernels().infer(rows, counts, phi, keep, prior, iterations, theta)


def infer_batch(
    indptr: Int64, rows: Int32, counts: Float32, phi: Float32, keep: Float32, prior: Float32, iterations: int
) -> Float32:
    """Theta of many documents; a document without a token gets zeros."""
    thetas: Float32 = _kernels().infer_batch(indptr, rows, counts, phi, keep, prior, iterations)
    return thetas


@cache
def _kernels() -> ModuleType:
    try:
        from topic_model.kernels import compiled
    except ImportError:  # numba has no wheel for this machine, or was left out on purpose
        from topic_model.kernels import plain

        return plain
    return compiled
