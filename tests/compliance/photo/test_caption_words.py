"""Words beside a photo: they tell of children whom no rule of the lexicon finds, and talk none away."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from common.stats import auc
from compliance.errors import DetectorError
from compliance.photo.caption_words import CaptionWords, WordWeights, caption_words
from compliance.photo.detector import WORDS, PhotoDetector, load_detector, save_detector
from compliance.photo.train import learn_detector

WIDTH = 6


def posts(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[CaptionWords]]:
    """Photos that tell half of it; of two captions each, one speaks of a swing where a child is, or of a man."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, WIDTH)).astype(np.float32)
    child = features[:, 0] + rng.normal(0, 1.0, count) > 0.8
    captions: list[Sequence] = []
    for is_child in child:
        telling = ("swing" if is_child else "man") if rng.random() < 0.7 else "tree"
        captions.append(((telling, "park"), (str(rng.choice(["grass", "sun", "bench"])), "park")))
    return features, child.astype(np.float64), captions


@pytest.fixture(scope="module")
def detector() -> PhotoDetector:
    return learn_detector("eyes-1", *posts(900, 0), clear_held=0.2)


def test_words_of_a_caption_are_folded_like_those_of_search() -> None:
    """Stems, without stop words; hashtags are one more caption, and so is nothing that is empty."""
    assert caption_words(["Two women on the Swings!", "", "the"], ["big_slide", "парк"]) == (
        ("two", "women", "swing"),
        ("big", "slide", "парк"),
    )
    assert caption_words(["man #swings"]) == (("man", "swing"),)
    assert caption_words([], []) == ()


def test_planted_words_are_learned_with_their_sign(detector: PhotoDetector) -> None:
    """What stands beside children tells for one, what does not tells against, what stands everywhere tells nothing."""
    assert detector.caption_model is not None
    weights = detector.caption_model.words.weights
    assert weights["swing"] > 0.5
    assert weights["man"] < -0.5
    assert abs(weights.get("park", 0.0)) < 0.3


def test_two_words_may_tell_together_what_neither_tells_alone() -> None:
    """Planted: "little league" stands beside children; each word by itself stands as often where there are none."""
    rng = np.random.default_rng(3)
    child = rng.random(1200) < 0.5
    there = [("little", "league"), ("big", "club")]
    elsewhere = [("little", "club"), ("big", "league")]
    captions = [((*(there if is_child else elsewhere)[rng.integers(2)], "game"),) for is_child in child]
    features = rng.normal(size=(1200, WIDTH)).astype(np.float32)
    spoken = learn_detector("eyes-1", features, child.astype(np.float64), captions).caption_model
    assert spoken is not None
    words = spoken.words
    assert words.weights["little league"] > 0.5
    assert words.weights["little club"] < -0.5
    assert words.odds(0.0, [("little", "league")]) > words.odds(0.0, [("league", "little")])
    assert max(abs(words.weights.get(word, 0.0)) for word in ("little", "big", "club", "league", "game")) < 0.3


def test_photo_and_words_together_are_better_than_the_photo_alone(detector: PhotoDetector) -> None:
    """On posts that it has not seen, and the scores are probabilities."""
    features, truth, captions = posts(2500, 1)
    together = np.array([judged.score for judged in detector.judge(features, captions)])
    alone = detector.scores(features)
    assert auc(together, truth > 0.5) > auc(alone, truth > 0.5) + 0.02
    held = np.array([judged.score >= judged.thresholds.review for judged in detector.judge(features, captions)])
    assert held[truth < 0.5].mean() < 0.3
    assert held[truth > 0.5].mean() > (alone >= detector.thresholds.review)[truth > 0.5].mean()


def test_no_word_talks_away_a_child_of_whom_the_photo_is_sure(detector: PhotoDetector) -> None:
    """And against any other photo words count for so much and no more."""
    assert detector.caption_model is not None
    sure = np.zeros((1, WIDTH), np.float32)
    sure[0, 0] = 4
    alone = float(detector.scores(sure)[0])
    assert alone >= detector.thresholds.child
    against = WordWeights({"man": -50.0}, 1.0, 0.0, -50.0)
    silenced = replace(detector, caption_model=detector.caption_model._replace(words=against))
    (judged,) = silenced.judge(sure, [(("man",),)])
    assert judged == (judged.thresholds.review, detector.caption_model.thresholds)
    assert silenced.judge(np.zeros((1, WIDTH), np.float32), [(("man",),)])[0].score < 0.01
    words = detector.caption_model.words
    assert words.odds(0.0, [["man"] * 3]) == words.odds(0.0, [["man"] * 30]) == words.offset + words.least
    assert words.odds(0.0, [["swing"] * 30]) > words.odds(0.0, [["swing"] * 3])


def test_captions_are_averaged() -> None:
    """Five people who say the same say it once."""
    words = WordWeights({"swing": 2.0, "man": -1.0}, 1.0, 0.0, -1.0)
    assert words.odds(0.5, [["swing"]]) == words.odds(0.5, [["swing"]] * 5) == 2.5
    assert words.odds(0.5, [["swing"], ["man"]]) == 1.0
    assert WordWeights({"ski": 1.0, "ski lift": -1.0}, 1.0, 0.0, -1.0).odds(0.5, [["ski", "lift"]]) == 0.5
    assert words.odds(0.5, []) == words.odds(0.5, [["unheard"]]) == 0.5


def test_post_without_a_caption_is_judged_by_its_photo(detector: PhotoDetector) -> None:
    """And so is every post where the detector learned from photos alone."""
    features, shares, captions = posts(300, 2)
    assert detector.judge(features[:1], [()]) == [(float(detector.scores(features[:1])[0]), detector.thresholds)]
    silent = learn_detector("eyes-1", features, shares)
    assert silent.caption_model is None
    assert silent.judge(features[:1], captions[:1])[0].thresholds == silent.thresholds


def test_features_that_are_no_numbers_clear_nothing_whatever_is_said(detector: PhotoDetector) -> None:
    """The score is no number either."""
    (judged,) = detector.judge(np.full((1, WIDTH), np.nan, np.float32), [(("man",),)])
    assert math.isnan(judged.score)


def test_folder_keeps_the_words(detector: PhotoDetector, tmp_path: Path) -> None:
    """As plain JSON that a person can read."""
    save_detector(detector, tmp_path / "detector")
    loaded = load_detector(tmp_path / "detector", "eyes-1")
    assert loaded is not None
    assert loaded.caption_model == detector.caption_model
    assert "swing" in json.loads((tmp_path / "detector" / WORDS).read_text())["weights"]


@pytest.mark.parametrize(
    "written",
    ["", "{}", '{"weights": {"swing": "loud"}, "slope": 1.0, "offset": 0.0, "least": -1.0}'],
    ids=["empty", "nothing in it", "a word for a number"],
)
def test_words_that_are_damaged_are_refused(detector: PhotoDetector, tmp_path: Path, written: str) -> None:
    """They are never taken for words that tell nothing."""
    save_detector(detector, tmp_path / "detector")
    (tmp_path / "detector" / WORDS).write_text(written)
    with pytest.raises(DetectorError, match="train"):
        load_detector(tmp_path / "detector", "eyes-1")
