"""Learners: who learns from judged pairs, each giving plain layers; scikit-learn is not needed to use them."""

import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPRegressor
from sklearn.svm import LinearSVR

from common.arrays import Bool, Float64
from topic_model.match.scorer import Calibration, Isotonic, Layer, Logistic

Layers = tuple[Layer, ...]
Learner = Callable[[Float64, Float64, Bool], Layers]
Calibrator = Callable[[Float64, Bool], Calibration]

HIDDEN: Final = (16, 8)
_DECAY: Final = 10.0  # how small a network's weights are kept; with 0.1 it learns the judged pairs by heart
_ROUNDS: Final = 2000


def _linear(values: Float64, means: Float64, _: Bool) -> Layers:
    """Weights are held at 0 or more: no cue that speaks for a pair may count against it."""
    fitted = LinearRegression(positive=True).fit(values, means)
    return (_layer(fitted.coef_[:, None], [fitted.intercept_]),)


def _vectors(values: Float64, means: Float64, _: Bool) -> Layers:
    fitted = LinearSVR(epsilon=0.05, random_state=0, max_iter=_ROUNDS).fit(values, means)
    return (_layer(fitted.coef_[:, None], fitted.intercept_),)


def _logistic(values: Float64, _: Float64, fits: Bool) -> Layers:
    fitted = LogisticRegression(max_iter=_ROUNDS).fit(values, fits)
    return (_layer(fitted.coef_.T, fitted.intercept_),)


def _network(values: Float64, means: Float64, _: Bool) -> Layers:
    fitted = MLPRegressor(hidden_layer_sizes=HIDDEN, alpha=_DECAY, solver="lbfgs", random_state=0, max_iter=_ROUNDS)
    fitted.fit(values, means)
    return tuple(_layer(weights, bias) for weights, bias in zip(fitted.coefs_, fitted.intercepts_, strict=True))


# Linear regression, support vectors (linear), logistic regression, a neural network of three layers; simplest first.
LEARNERS: Final[Mapping[str, Learner]] = MappingProxyType(
    {
        "linear": _linear,
        "vectors": _vectors,
        "logistic": _logistic,
        "network": _network,
    }
)


def learn_layers(learner: str, values: Float64, means: Float64, fits: Bool) -> Layers:
    """Learn from rows of cues, the mean judgement of each (0 to 1) and whether it fits; the layers scale."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread < 1e-9] = 1.0  # a cue that is always the same tells nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        first, *rest = LEARNERS[learner]((values - mean) / spread, means, fits)
    return (Layer(first.weights / spread[:, None], first.bias - (mean / spread) @ first.weights), *rest)


def _to_logistic(raw: Float64, fits: Bool) -> Calibration:
    size = max(float(raw.std()), 1e-9)
    fitted = LogisticRegression(C=1e3, max_iter=_ROUNDS).fit(raw[:, None] / size, fits)
    return Logistic(max(float(fitted.coef_[0, 0]) / size, 0.0), float(fitted.intercept_[0]))


def _to_isotonic(raw: Float64, fits: Bool) -> Calibration:
    fitted = IsotonicRegression(y_min=0, y_max=1).fit(raw, fits)
    return Isotonic(np.asarray(fitted.X_thresholds_, np.float64), np.asarray(fitted.y_thresholds_, np.float64))


CALIBRATORS: Final[Mapping[str, Calibrator]] = MappingProxyType({"logistic": _to_logistic, "isotonic": _to_isotonic})


def _layer(weights: Float64, bias: object) -> Layer:
    return Layer(np.asarray(weights, np.float64), np.asarray(bias, np.float64))
