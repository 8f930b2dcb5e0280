"""The photo detector: it finds what is planted, its folder is plain, and one that does not fit is refused."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from common.stats import auc
from compliance.errors import DetectorError
from compliance.photo.detector import ABOUT, Machine, PhotoDetector, load_detector, save_detector
from compliance.photo.train import LEAST, HeldOutScores, choose_thresholds, learn_detector

WIDTH = 12


def photos(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features in which a third shows what the first two say together, and nothing else says."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, WIDTH)).astype(np.float32)
    return features, (features[:, 0] + features[:, 1] > 0.6).astype(np.float64)


@pytest.fixture(scope="module")
def detector() -> PhotoDetector:
    return learn_detector("eyes-1", *photos(600, 0), clear_held=0.1)


def test_planted_children_are_found_among_new_photos(detector: PhotoDetector) -> None:
    """The scores are probabilities: among photos of one score so large a share shows a child."""
    features, truth = photos(2000, 1)
    scores = detector.scores(features)
    assert auc(scores, truth > 0.5) > 0.95
    for low, high in ((0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        band = (scores >= low) & (scores < high)
        assert abs(truth[band].mean() - scores[band].mean()) < 0.15
    held = scores >= detector.thresholds.review
    assert held[truth < 0.5].mean() < 0.15
    assert truth[scores >= detector.thresholds.child].mean() > 0.8


def test_folder_gives_the_same_detector_and_holds_no_pickle(detector: PhotoDetector, tmp_path: Path) -> None:
    """Saved over an older one as well; what remains is numbers and JSON."""
    for _ in range(2):
        save_detector(detector, tmp_path / "detector")
    assert [file.name for file in tmp_path.iterdir()] == ["detector"]
    loaded = load_detector(tmp_path / "detector", "eyes-1")
    assert loaded is not None
    features, _ = photos(50, 2)
    assert loaded.scores(features).tolist() == detector.scores(features).tolist()
    assert loaded.thresholds == detector.thresholds
    names = {f"{part.name}.npy" for part in fields(Machine)} | {ABOUT}
    assert {file.name for file in (tmp_path / "detector").iterdir()} == names
    for name in names - {ABOUT}:
        np.load(tmp_path / "detector" / name, allow_pickle=False)


def test_no_folder_is_no_detector(tmp_path: Path) -> None:
    """Nothing was trained yet."""
    assert load_detector(tmp_path / "none", "eyes-1") is None


def _drop(folder: Path) -> None:
    (folder / "axes.npy").unlink()


def _cut(folder: Path) -> None:
    np.save(folder / "weights.npy", np.zeros(3, np.float32))


def _nan(folder: Path) -> None:
    weights = np.load(folder / "weights.npy")
    np.save(folder / "weights.npy", np.full_like(weights, np.nan))


def _open(folder: Path) -> None:
    about = json.loads((folder / ABOUT).read_text())
    (folder / ABOUT).write_text(json.dumps({**about, "thresholds": {"child": 0.2, "review": 0.9}}))


def _other(folder: Path) -> None:
    about = json.loads((folder / ABOUT).read_text())
    (folder / ABOUT).write_text(json.dumps({**about, "encoder": "eyes-2"}))


def _format(folder: Path) -> None:
    about = json.loads((folder / ABOUT).read_text())
    (folder / ABOUT).write_text(json.dumps({**about, "format": 99}))


@pytest.mark.parametrize("damage", [_drop, _cut, _nan, _open, _other, _format], ids=lambda damage: damage.__name__)
def test_detector_that_does_not_fit_is_refused(detector: PhotoDetector, tmp_path: Path, damage: object) -> None:
    """A damaged one is never taken for one that sees nothing."""
    save_detector(detector, tmp_path / "detector")
    damage(tmp_path / "detector")
    with pytest.raises(DetectorError, match="train"):
        load_detector(tmp_path / "detector", "eyes-1")


def test_features_of_another_width_are_refused(detector: PhotoDetector) -> None:
    """They are those of another encoder."""
    with pytest.raises(DetectorError, match="12 features"):
        detector.scores(np.zeros((1, 5), np.float32))


def test_features_that_are_no_numbers_get_no_score(detector: PhotoDetector) -> None:
    """And a score that is no number clears nothing."""
    assert np.isnan(detector.scores(np.full((1, WIDTH), np.nan, np.float32))[0])


def test_too_few_photos_are_refused() -> None:
    """With both numbers."""
    features, shares = photos(60, 3)
    shares[:] = 0
    shares[: LEAST - 1] = 1
    with pytest.raises(DetectorError, match=f"{LEAST - 1} photos show a child and 41 do not"):
        learn_detector("eyes-1", features, shares)


def test_thresholds_hold_the_share_that_was_asked_for() -> None:
    """The upper one is never below the lower one."""
    scores, truth = np.linspace(0, 1, 101), np.arange(101) >= 50
    child, review = choose_thresholds(scores, truth, 0.2, 0.9)
    assert 0.19 <= (scores[~truth] >= review).mean() <= 0.22
    assert truth[scores >= child].mean() >= 0.9
    assert child >= review
    assert choose_thresholds(scores, ~truth, 0.2, 0.9).child == 1.0


def test_held_out_scores_are_those_that_the_thresholds_came_from() -> None:
    """Whoever measures is told what was said of each photo by a machine that had not learned from it."""
    features, shares = photos(600, 0)
    scores: list[HeldOutScores] = []
    learned = learn_detector("eyes-1", features, shares, clear_held=0.1, held_out=scores.append)
    (held_out,) = scores
    assert held_out.captions.size == 0
    assert auc(held_out.photos, shares > 0.5) == pytest.approx(learned.figures["auc"], abs=1e-4)
    assert (held_out.photos[shares < 0.5] >= learned.thresholds.review).mean() == pytest.approx(0.1, abs=0.01)
    assert np.abs(learned.scores(features) - held_out.photos).max() > 0.1
