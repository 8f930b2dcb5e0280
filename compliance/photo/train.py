"""Learning the photo detector: a ridge regression on kernels, calibrated on photos that were held out."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float32, Float64, Int64
from common.stats import auc, logistic, wilson
from compliance.errors import DetectorError
from compliance.facts import Thresholds
from compliance.photo.caption_words import CaptionWords
from compliance.photo.detector import (
    CaptionModel,
    DetectorFigures,
    Machine,
    PhotoDetector,
    calibrated,
    kernel,
    signed_roots,
)
from compliance.photo.train_caption_words import LEAST as LEAST_WORDS
from compliance.photo.train_caption_words import CaptionRows, as_words, learn_words
from compliance.photo.train_evidence import EvidenceSample, learn_evidence

AXES: Final = 400
GAMMA: Final = 0.5
RIDGE: Final = 0.15
FOLDS: Final = 5
MOST_SUPPORT: Final = 8000  # photos that new ones are compared with
LEAST: Final = 20  # photos of each kind


class HeldOutScores(NamedTuple):
    """What was said of photos, and of each caption that names no child beside its photo, without learning from it."""

    photos: Float64
    captions: Float64


def learn_detector(
    encoder: str,
    features: Float32,
    shares: Float64,
    captions: Sequence[CaptionWords] = (),
    evidence: EvidenceSample | None = None,
    *,
    clear_held: float = 0.15,
    sure: float = 0.9,
    progress: Callable[[int], None] = lambda _: None,
    held_out: Callable[[HeldOutScores], None] = lambda _: None,
) -> PhotoDetector:
    """Learn from photos and how sure people are of a child in each (0 to 1; from a half on it counts as one).

    `captions` are the words of each photo's captions that name no child: what these tell is learned as well. So is what
    the numbers of the evidence tell, where there is any.
    The review threshold holds so large a share of the clear photos; above the other so large a share shows a child.
    Both, the calibration and the figures come from photos that each machine had not learned from; `held_out` is told
    what was said of them.
    """
    truth = shares >= 0.5
    if min(truth.sum(), (~truth).sum()) < LEAST:
        raise DetectorError(
            f"{truth.sum()} photos show a child and {(~truth).sum()} do not: at least {LEAST} of each are needed."
        )
    if not np.isfinite(features).all():
        raise DetectorError("The encoder measured something that is no number in a photo: see its [input].")
    folds = np.random.default_rng(0).permutation(len(features)) % FOLDS
    raw = np.zeros(len(features))
    for fold in range(FOLDS):
        out = folds == fold
        raw[out] = _learn(features[~out], shares[~out]).raw(features[out], GAMMA)
        progress(fold + 1)
    slope, offset = _calibrate(raw, truth)
    odds, weights = slope * raw + offset, None
    if evidence and evidence.names:
        weights, odds = learn_evidence(evidence, odds, truth, folds)
    scores = logistic(odds)
    thresholds = choose_thresholds(scores, truth, clear_held, sure)
    figures = detector_figures(scores, truth, thresholds)
    caption_model, of_captions = None, np.zeros(0)
    rows = CaptionRows(captions)
    if min(np.bincount(truth[rows.photos], minlength=2)) >= LEAST:
        together = _learn_captions(rows, odds, shares, folds, thresholds, clear_held, sure)
        caption_model, figures["with_words"], of_captions = together
    held_out(HeldOutScores(scores, of_captions))
    machine = _learn(features, shares)
    progress(FOLDS + 1)
    return PhotoDetector(
        encoder=encoder,
        machine=machine,
        gamma=GAMMA,
        slope=slope,
        offset=offset,
        thresholds=thresholds,
        figures=figures,
        caption_model=caption_model,
        evidence=evidence.id if evidence else "",
        weights=weights,
    )


def choose_thresholds(scores: Float64, truth: Bool, clear_held: float, sure: float) -> Thresholds:
    """The thresholds: from where on a photo is held, and from where on nobody need look."""
    review = float(np.quantile(scores[~truth], 1 - clear_held))
    order = np.argsort(-scores)
    precision = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= sure)
    child = float(scores[order[enough[-1]]]) if len(enough) else 1.0
    review = min(max(review, 1e-6), 1.0)
    return Thresholds(child=min(max(child, review), 1.0), review=review)


def detector_figures(scores: Float64, truth: Bool, thresholds: Thresholds) -> DetectorFigures:
    """Precision and recall at both thresholds with 95 % intervals, and the curve."""
    points = np.unique(np.quantile(scores, np.linspace(0, 1, 101)))
    curve = [[float(at), *_rates(scores >= at, truth)] for at in points]
    return {
        "photos": len(truth),
        "children": int(truth.sum()),
        "auc": round(auc(scores, truth), 4),
        "child": _at(scores >= thresholds.child, truth),
        "review": _at(scores >= thresholds.review, truth),
        "curve": curve,
    }


def _learn_captions(
    captions: CaptionRows,
    odds: Float64,
    shares: Float64,
    folds: Int64,
    alone: Thresholds,
    clear_held: float,
    sure: float,
) -> tuple[CaptionModel, DetectorFigures, Float64]:
    """What captions that name no child tell beside photos, with thresholds, figures and scores for both together."""
    truth, photo = (shares >= 0.5)[captions.photos], odds[captions.photos]
    raw = np.zeros(len(captions))
    for fold in range(FOLDS):
        out = (folds == fold)[captions.photos]
        weights, (slope, offset) = learn_words(captions, ~out, odds, shares)
        raw[out] = (captions.sums(weights).clip(LEAST_WORDS) + slope * photo + offset)[out]
    slope, offset = _calibrate(raw, truth)
    scores = calibrated(raw, slope, offset)
    sure_alone = calibrated(photo, 1, 0) >= alone.child  # somebody looks at these, whatever is said
    review = choose_thresholds(np.where(sure_alone, 1, scores), truth, clear_held, sure).review
    thresholds = Thresholds(child=max(choose_thresholds(scores, truth, clear_held, sure).child, review), review=review)
    scores = np.where(sure_alone, np.maximum(scores, review), scores)
    weights, learned = learn_words(captions, np.ones(len(captions), bool), odds, shares)
    model = CaptionModel(as_words(captions, weights, learned, slope, offset), thresholds)
    return model, detector_figures(scores, truth, thresholds), scores


def _learn(features: Float32, shares: Float64) -> Machine:
    levelled = signed_roots(features)
    mean = levelled.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = (levelled.std(axis=0, dtype=np.float64) + 1e-3).astype(np.float32)
    standard = (levelled - mean) / spread
    _, vectors = np.linalg.eigh(standard.T @ standard)
    axes = vectors[:, ::-1][:, : min(AXES, len(features) - 1, features.shape[1])]
    positions = standard @ axes
    size = np.sqrt((positions**2).sum(axis=1).mean())
    axes = (axes / max(float(size), 1e-6)).astype(np.float32)
    kept = np.arange(len(features))
    if len(kept) > MOST_SUPPORT:
        kept = np.sort(np.random.default_rng(0).choice(kept, MOST_SUPPORT, replace=False))
    support = (standard[kept] @ axes).astype(np.float32)
    alike = kernel(support, support, GAMMA).astype(np.float64)
    alike[np.diag_indices(len(kept))] += RIDGE
    wanted = shares[kept] - shares.mean()
    weights = np.linalg.solve(alike, wanted).astype(np.float32)
    return Machine(mean, spread, axes, support, weights)


def _calibrate(raw: Float64, truth: Bool) -> tuple[float, float]:
    """A logistic curve through the held-out answers, by Newton's steps (Platt)."""
    size = max(float(raw.std()), 1e-9)
    design = np.stack([raw / size, np.ones(len(raw))], axis=1)
    wanted = np.where(truth, (truth.sum() + 1) / (truth.sum() + 2), 1 / ((~truth).sum() + 2))
    curve = np.zeros(2)
    for _ in range(30):
        predicted = logistic(design @ curve)
        bend = design.T @ (design * (predicted * (1 - predicted))[:, None]) + 1e-6 * np.eye(2)
        curve += np.linalg.solve(bend, design.T @ (wanted - predicted))
    return float(curve[0] / size), float(curve[1])


def _rates(held: Bool, truth: Bool) -> list[float]:
    caught = int((held & truth).sum())
    return [caught / max(int(held.sum()), 1), caught / int(truth.sum()), float(held[~truth].mean())]


def _at(held: Bool, truth: Bool) -> dict[str, Sequence[float]]:
    caught = int((held & truth).sum())
    precision, recall, clear = _rates(held, truth)
    return {
        "precision": [round(precision, 4), *wilson(caught, int(held.sum()))],
        "recall": [round(recall, 4), *wilson(caught, int(truth.sum()))],
        "clear_held": [round(clear, 4), *wilson(int((held & ~truth).sum()), int((~truth).sum()))],
    }
