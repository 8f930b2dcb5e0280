"""Scorer: plain data there and back, and what does not fit together is refused."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.match.cues import CUES, Cue
from topic_model.match.scorer import Isotonic, Layer, Logistic, Scorer, forward

KNOTS = Isotonic(np.array([-1.0, 0.0, 2.0]), np.array([0.0, 0.2, 0.9]))


def scorer(calibration: Logistic | Isotonic = KNOTS) -> Scorer:
    layers = (Layer(np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([0.1, 0.0])), Layer(np.ones((2, 1)), np.zeros(1)))
    low, high = np.zeros(2), np.ones(2)
    return Scorer((Cue.SHARED, Cue.OWN), low, high, layers, calibration)


def row(shared: float, own: float) -> np.ndarray:
    table = np.full((1, len(CUES)), np.nan)
    table[0, [CUES.index(Cue.SHARED), CUES.index(Cue.OWN)]] = shared, own
    return table


def test_layers_worked_out_by_hand() -> None:
    """The first layer gives 1.1 and 0 after the bend (-1 is cut off), the second adds them up."""
    assert scorer().raw(row(1.0, 0.0)).tolist() == pytest.approx([1.1])
    assert scorer().probability(row(1.0, 0.0)).tolist() == pytest.approx([0.2 + 0.7 * 1.1 / 2])


def test_nothing_is_made_up_beyond_what_was_learned_from() -> None:
    """More than the most that was seen of a cue counts as the most."""
    assert scorer().raw(row(9.0, -3.0)).tolist() == scorer().raw(row(1.0, 0.0)).tolist()


def test_only_pairs_with_all_of_its_cues_are_taken() -> None:
    """One that has no words of its own is another scorer's."""
    assert scorer().takes(np.vstack([row(0.5, 0.5), row(0.5, np.nan)])).tolist() == [True, False]


@given(st.floats(-3, 3), st.floats(-3, 3), st.sampled_from([KNOTS, Logistic(2.5, -1.0)]))
def test_plain_data_is_the_same_scorer(shared: float, own: float, calibration: Logistic | Isotonic) -> None:
    """Bit for bit, and always a probability."""
    before = scorer(calibration)
    after = Scorer.from_dict(before.as_dict())
    (probability,) = after.probability(row(shared, own))
    assert probability == before.probability(row(shared, own))[0]
    assert 0 <= probability <= 1


def _without(name: str) -> Any:
    return lambda plain: plain.pop(name)


def _set(value: Any, *path: str | int) -> Any:
    def damage(plain: Any) -> None:
        for name in path[:-1]:
            plain = plain[name]
        plain[path[-1]] = value

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_without("layers"), id="no layers"),
        pytest.param(_set([], "layers"), id="empty layers"),
        pytest.param(_set(["shared", "moon"], "cues"), id="unknown cue"),
        pytest.param(_set(["shared"], "cues"), id="fewer cues"),
        pytest.param(_set([0.0], "low"), id="other bounds"),
        pytest.param(_set([2.0, 2.0], "low"), id="bounds crossed"),
        pytest.param(_set(float("nan"), "layers", 0, "bias", 0), id="no number"),
        pytest.param(_set([[1.0], [1.0], [1.0]], "layers", 1, "weights"), id="layers that do not meet"),
        pytest.param(_set([[1.0, 1.0], [1.0, 1.0]], "layers", 1, "weights"), id="two numbers at the end"),
        pytest.param(_set([0.0, 0.5, 0.2], "calibration", "gives"), id="falling"),
        pytest.param(_set([0.0, 0.5, 1.2], "calibration", "gives"), id="more than certain"),
        pytest.param(_set([0.0, 0.0, 1.0], "calibration", "at"), id="two knots at one place"),
        pytest.param(_set({"slope": "steep", "offset": 0}, "calibration"), id="words for numbers"),
    ],
)
def test_what_does_not_fit_together_is_refused(damage: Any) -> None:
    """A damaged file is an error when it is read, never a wrong score."""
    plain = copy.deepcopy(scorer().as_dict())
    damage(plain)
    with pytest.raises((ValueError, KeyError, TypeError)):
        Scorer.from_dict(plain)


def test_one_layer_is_a_linear_regression() -> None:
    """No bend comes after the last layer: it may give less than zero."""
    assert forward([Layer(np.array([[-2.0]]), np.array([0.5]))], np.array([[1.0]])).tolist() == [-1.5]
