"""Inference by compiled loops where numba is installed, else by numpy."""

try:
    from topic_model.kernels.compiled import infer, infer_batch
except ImportError:  # numba has no wheel for this machine, or was left out on purpose
    from topic_model.kernels.plain import infer, infer_batch

__all__ = ["infer", "infer_batch"]
