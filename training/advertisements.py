"""Learning what an advertisement is, from examples: a linear support vector machine on words, measured by folds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import LinearSVC

from common.arrays import Float64
from ingest.document import make_document
from ingest.errors import ExamplesWrong, PostRejected
from ingest.reading.post_json import decode_post
from ingest.sources.ndjson import NdjsonSource
from ingest.steps.ads_model import AdFigures, AdModel
from ingest.steps.ads_signs import signs_of

FOLDS: Final = 5
FEWEST: Final = 20  # of each kind: with fewer the measured numbers mean nothing
_DIGITS: Final = 6

Signs = list[str]


def read_examples(file: Path) -> list[Signs]:
    """Read examples, one a line: a post as JSON, or simply its text; the same text counts once."""
    examples: dict[tuple[str, ...], None] = {}
    for line in NdjsonSource(file).lines():
        if line.data is not None:
            texts, tags = _words_of(line.data)
            signs = tuple(signs_of(texts, make_document(texts, tags)))
            if signs:
                examples[signs] = None
    return [list(signs) for signs in examples]


def train_ads(good: Sequence[Signs], bad: Sequence[Signs], precision: float | None = None) -> AdModel:
    """Learn a model; with `precision` the threshold rises until so many of those turned away are advertisements."""
    for name, examples in (("good", good), ("bad", bad)):
        if len(examples) < FEWEST:
            raise ExamplesWrong(
                f"There are {len(examples)} different {name} examples, at least {FEWEST} are needed: "
                "add more, one a line."
            )
    texts, is_ad = [*good, *bad], np.array([0] * len(good) + [1] * len(bad))
    learner = make_pipeline(
        CountVectorizer(analyzer=list, binary=True, min_df=2),
        Normalizer(),
        LinearSVC(class_weight="balanced", random_state=0, dual="auto", max_iter=20_000),
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    try:
        scores = cross_val_predict(learner, texts, is_ad, cv=folds, method="decision_function")
        words, _, machine = (step for _, step in learner.fit(texts, is_ad).steps)
    except ValueError as error:  # every word is in one example only
        raise ExamplesWrong(f"Nothing can be learned from these examples ({error}): add more of them.") from None
    threshold = 0.0 if precision is None else _threshold(scores, is_ad, precision)
    weights = {sign: round(float(machine.coef_[0, at]), _DIGITS) for sign, at in words.vocabulary_.items()}
    return AdModel(weights, float(machine.intercept_[0]), threshold, _measure(scores, is_ad, threshold))


def _words_of(line: bytes) -> tuple[list[str], tuple[str, ...]]:
    try:
        post = decode_post(line, lenient=True)
        return post.texts, post.tags
    except PostRejected:
        return [line.decode("utf-8", "replace")], ()


def _measure(scores: Float64, is_ad: NDArray[np.int_], threshold: float) -> AdFigures:
    called = scores >= threshold
    right = int((called & (is_ad == 1)).sum())
    bad = int(is_ad.sum())
    precision = right / int(called.sum()) if called.any() else 0.0
    return AdFigures(len(is_ad) - bad, bad, round(precision, 4), round(right / bad, 4))


def _threshold(scores: Float64, is_ad: NDArray[np.int_], precision: float) -> float:
    """Find the lowest threshold at which the precision is reached."""
    order = np.argsort(-scores, kind="stable")
    reached = np.cumsum(is_ad[order]) / np.arange(1, len(order) + 1) >= precision
    if not reached.any():
        raise ExamplesWrong(
            f"No threshold turns away advertisements with a precision of {precision:g} on these examples: "
            "ask for less, or give more examples."
        )
    return float(scores[order[np.flatnonzero(reached)[-1]]])
