"""From tensors to weights of words: shares that sum to one, a tail that counts, the same for a photo in any batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vision.encoder import strongest
from vision.words import weights as wording

SHARES = np.array([[0.9, 0.09, 0.009, 0.001], [0.25, 0.25, 0.25, 0.25]], np.float32)


def test_levelling_lets_the_tail_count() -> None:
    """A class a thousand times rarer keeps its order and gets a weight that is not a thousand times less."""
    (first, same) = wording.levelled(SHARES, 0.25)
    assert first[0] > first[1] > first[2] > first[3] > 0
    assert first[2] / first[0] > 5 * SHARES[0, 2] / SHARES[0, 0]
    assert same == pytest.approx([0.25] * 4)
    assert wording.levelled(SHARES, 0.0) == pytest.approx(SHARES)
    logarithms = np.log(SHARES[0]) - np.log(SHARES[0, 3])
    assert wording.levelled(SHARES, 1.0)[0] == pytest.approx(logarithms / logarithms.sum(), abs=1e-6)


@settings(deadline=None)
@given(
    scores=arrays(np.float32, (3, 6), elements=st.floats(-50, 50, width=32)),
    tail=st.floats(0, 1),
    temperature=st.floats(0.1, 10),
)
def test_rows_stay_distributions(scores: np.ndarray, tail: float, temperature: float) -> None:
    """Whatever a network says, each row is finite, not negative and sums to one."""
    shares = wording.probabilities(scores, logits=True, temperature=temperature)
    for rows in (shares, wording.levelled(shares, tail)):
        assert np.isfinite(rows).all()
        assert (rows >= 0).all()
        assert rows.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_probabilities_and_their_logarithms_are_the_same() -> None:
    """Logits and the probabilities that they make lead to one answer, at any temperature."""
    for temperature in (0.5, 1.0, 2.0):
        ours = wording.probabilities(SHARES, logits=False, temperature=temperature)
        theirs = wording.probabilities(np.log(SHARES) + 7, logits=True, temperature=temperature)
        assert ours == pytest.approx(theirs, abs=1e-6)


def test_drawing_is_seeded_and_whole() -> None:
    """The draws of a photo are whole words, as many as asked for, near what is expected, and the same in any batch."""
    many = wording.drawn(SHARES, 442, 42)
    assert many.sum(axis=1).tolist() == [442, 442]
    assert (many == np.floor(many)).all()
    assert many[1:] == pytest.approx(wording.drawn(SHARES[1:], 442, 42))
    assert np.abs(many / 442 - SHARES).max() < 0.06
    assert (wording.drawn(SHARES, 442, 43) != many).any()


def test_channels_count_above_what_is_usual() -> None:
    """Without anything learned a channel counts as it is; with it, in spreads above the mean, and never below 0."""
    values = np.array([[1.0, 5.0, -2.0]], np.float32)
    assert wording.above_usual(values, None, None).tolist() == [[1, 5, 0]]
    usual, spread = np.array([2.0, 1.0, -4.0], np.float32), np.array([1.0, 2.0, 4.0], np.float32)
    assert wording.above_usual(values, usual, spread).tolist() == [[0, 2, 0.5]]


def test_places_are_the_same_in_both_layouts() -> None:
    """A map gives a row for each place, wherever the channels stand; what is no map has one place."""
    maps = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    first = wording.cells(maps, channels_last=False)
    assert first.shape == (2, 20, 3)
    assert (first == wording.cells(maps.transpose(0, 2, 3, 1), channels_last=True)).all()
    assert wording.cells(maps[:, :, 0, 0], channels_last=False).shape == (2, 1, 3)


def test_soft_counts_go_to_the_nearest() -> None:
    """Each place shares one count among its nearest centres, most to the nearest; a photo sums to one."""
    centres = np.eye(4, dtype=np.float32)
    vectors = np.array([[[1, 0, 0, 0], [0.8, 0.6, 0, 0]], [[0, 0, 0, 1], [0, 0, 0, 1]]], np.float32)
    counts = wording.soft_counts(vectors, centres, nearest=2, sharpness=10)
    assert counts.sum(axis=1) == pytest.approx([1, 1])
    assert counts[0, 0] > counts[0, 1] > counts[0, 2:].max()
    assert counts[1].argmax() == 3
    assert counts[1:] == pytest.approx(wording.soft_counts(vectors[1:], centres, nearest=2, sharpness=10))
    assert wording.soft_counts(vectors, centres, nearest=9, sharpness=10).sum(axis=1) == pytest.approx([1, 1])


def test_the_strongest_are_kept_and_scaled() -> None:
    """Only weights above 0, the heaviest of them, in order of place, summing to the total; of equals the first."""
    indices, weights = strongest(np.array([0.0, 3.0, -1.0, 1.0, 1.0]), 2, 100)
    assert indices.tolist() == [1, 3]
    assert weights == [75.0, 25.0]
    assert strongest(np.zeros(3), 2, 100)[1] == []
    assert strongest(np.ones(3), 2, 0)[1] == []
