"""Hidden layers: their gradients are those of what they say."""

import numpy as np
import pytest

from topic_model.alignment import hidden
from topic_model.alignment.hidden import HiddenLayer, bent


def test_gradients_are_those_of_what_the_layer_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each array and what enters, by a small step either way; nothing is left out at random meanwhile."""
    monkeypatch.setattr(hidden, "DROPPED", 0.0)
    rng = np.random.default_rng(0)
    layer = HiddenLayer.drawn(5, 3, 7, rng)
    layer = HiddenLayer(*(array.astype(np.float64) for array in layer.arrays))
    rows, pull = rng.standard_normal((4, 5)), rng.standard_normal((4, 3))

    def said() -> float:
        return float((layer.through(rows, rng)[0] * pull).sum())

    _, inside = layer.through(rows, rng)
    of_arrays, of_rows = layer.gradients(rows, inside, pull)
    arrays: list[np.ndarray] = [*layer.arrays, rows]
    for array, gradient in zip(arrays, [*of_arrays, of_rows], strict=True):
        for at in np.ndindex(array.shape):
            kept = array[at]
            array[at] = kept + 1e-3
            more = said()
            array[at] = kept - 1e-3
            less = said()
            array[at] = kept
            assert gradient[at] == pytest.approx((more - less) / 2e-3, abs=2e-3)


def test_what_is_left_out_at_random_changes_little_on_the_whole() -> None:
    """What stays counts for it: the mean over many times is what the layer says."""
    rng = np.random.default_rng(1)
    layer = HiddenLayer.drawn(5, 3, 200, rng)
    rows = rng.standard_normal((1, 5)).astype(np.float32)
    many = np.mean([layer.through(rows, rng)[0] for _ in range(3000)], axis=0)
    assert many == pytest.approx(bent(rows, layer.entering, layer.bias) @ layer.leaving, abs=0.01)
