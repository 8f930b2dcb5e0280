"""Numbers beside the features of a photo: what is planted in them is learned, can be read, and is kept."""

import json
from pathlib import Path

import numpy as np
import pytest

from common.stats import auc
from compliance.errors import DetectorError
from compliance.photo.detector import EVIDENCE, PhotoDetector, load_detector, save_detector
from compliance.photo.evidence_weights import plain_evidence_weights, read_evidence_weights
from compliance.photo.train import learn_detector
from compliance.photo.train_evidence import EvidenceSample

WIDTH = 6
NAMES = ("faces.youngest", "faces.count")


def photos(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features that tell little of who is a child; the youngest face tells more, their number nothing."""
    rng = np.random.default_rng(seed)
    child = rng.random(count) < 0.4
    features = rng.normal(size=(count, WIDTH)).astype(np.float32)
    features[:, 0] += child
    youngest = np.where(child, rng.normal(9, 6, count), rng.normal(30, 10, count))
    numbers = np.stack([youngest, rng.integers(1, 9, count)], axis=1).astype(np.float32)
    return features, child.astype(np.float64), numbers


@pytest.fixture(scope="module")
def detector() -> PhotoDetector:
    features, shares, numbers = photos(900, 0)
    return learn_detector("eyes-1", features, shares, (), EvidenceSample("faces-1", NAMES, numbers), clear_held=0.1)


def test_a_planted_number_finds_children_whom_the_features_miss(detector: PhotoDetector) -> None:
    """The scores stay probabilities, and the thresholds hold the share that was asked for."""
    features, shares, numbers = photos(3000, 1)
    alone = learn_detector("eyes-1", *photos(900, 0)[:2], clear_held=0.1)
    scores, truth = detector.scores(features, numbers), shares > 0.5
    assert auc(scores, truth) > auc(alone.scores(features), truth) + 0.1
    for low, high in ((0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        band = (scores >= low) & (scores < high)
        assert abs(shares[band].mean() - scores[band].mean()) < 0.15
    assert 0.05 < (scores[~truth] >= detector.thresholds.review).mean() < 0.15


def test_a_person_can_read_what_each_number_tells(detector: PhotoDetector, tmp_path: Path) -> None:
    """By name, in a file: a young face tells for a child, how many there are next to nothing."""
    save_detector(detector, tmp_path / "detector")
    weights = json.loads((tmp_path / "detector" / EVIDENCE).read_text("utf-8"))["weights"]
    assert tuple(weights) == NAMES
    assert weights["faces.youngest"]["weight"] < -1
    assert abs(weights["faces.count"]["weight"]) < 0.3
    assert weights["faces.youngest"]["mean"] == pytest.approx(22, abs=3)


def test_figures_come_from_photos_that_the_weights_had_not_learned_from() -> None:
    """Forty numbers that are chance alone promise nothing: held out, they find no more than the features do."""
    features, shares, _ = photos(300, 2)
    chance = np.random.default_rng(3).normal(size=(300, 40)).astype(np.float32)
    sample = EvidenceSample("chance-1", tuple(f"chance.{at}" for at in range(40)), chance)
    found = learn_detector("eyes-1", features, shares, (), sample).figures["auc"]
    assert found <= learn_detector("eyes-1", features, shares).figures["auc"] + 0.02


def test_an_absurd_number_tells_no_more_than_an_unusual_one(detector: PhotoDetector) -> None:
    """A face of minus a million years makes nobody more of a child than one of minus a hundred."""
    features, _, _ = photos(1, 4)
    strange, absurd = (np.array([[age, 1]], np.float32) for age in (-100, -1e6))
    assert detector.scores(features, strange) == detector.scores(features, absurd)


def test_numbers_that_are_none_clear_nothing(detector: PhotoDetector) -> None:
    """The score is no number either."""
    features, _, numbers = photos(1, 5)
    assert np.isnan(detector.scores(features, np.full_like(numbers, np.nan))[0])


@pytest.mark.parametrize("numbers", [None, np.zeros((1, 5), np.float32)], ids=["none", "another width"])
def test_a_photo_without_its_numbers_is_refused(detector: PhotoDetector, numbers: np.ndarray | None) -> None:
    """It would be judged by half of what the detector learned from."""
    with pytest.raises(DetectorError, match=r"learned from 2 numbers beside the features, here are .*`evidence`"):
        detector.scores(photos(1, 6)[0], numbers)


def test_folder_gives_the_same_detector(detector: PhotoDetector, tmp_path: Path) -> None:
    """To the last digit."""
    save_detector(detector, tmp_path / "detector")
    loaded = load_detector(tmp_path / "detector", "eyes-1", "faces-1")
    assert loaded is not None
    features, _, numbers = photos(50, 7)
    assert loaded.scores(features, numbers).tolist() == detector.scores(features, numbers).tolist()
    assert (loaded.evidence, loaded.weights) == (detector.evidence, detector.weights)


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        pytest.param("", "trained with the evidence 'faces-1', the settings name no evidence", id="none"),
        pytest.param("faces-2", "'faces-1', the settings name the evidence 'faces-2'", id="another"),
    ],
)
def test_other_evidence_than_it_learned_from_is_refused(
    detector: PhotoDetector, tmp_path: Path, evidence: str, says: str
) -> None:
    """In a sentence that says what to do."""
    save_detector(detector, tmp_path / "detector")
    with pytest.raises(DetectorError, match=f"{says}.*set `evidence` back, or train it again"):
        load_detector(tmp_path / "detector", "eyes-1", evidence)


def test_a_detector_without_evidence_refuses_some(tmp_path: Path) -> None:
    """The networks would be run for nothing."""
    save_detector(learn_detector("eyes-1", *photos(200, 8)[:2]), tmp_path / "detector")
    with pytest.raises(DetectorError, match="trained with no evidence, the settings name the evidence 'faces-1'"):
        load_detector(tmp_path / "detector", "eyes-1", "faces-1")


@pytest.mark.parametrize("damage", ["gone", "NaN", "spread"])
def test_damaged_weights_are_refused(detector: PhotoDetector, tmp_path: Path, damage: str) -> None:
    """A detector that lost its weights is never taken for one by features alone."""
    save_detector(detector, tmp_path / "detector")
    file = tmp_path / "detector" / EVIDENCE
    content = json.loads(file.read_text("utf-8"))
    row = content["weights"]["faces.count"]
    content["weights"]["faces.count"] = {**row, **({"weight": float("nan")} if damage == "NaN" else {"spread": 0})}
    file.write_text(json.dumps(content), "utf-8")
    if damage == "gone":
        file.unlink()
    with pytest.raises(DetectorError, match=r"holds no whole detector.*train it again"):
        load_detector(tmp_path / "detector", "eyes-1", "faces-1")


@pytest.mark.parametrize(
    ("damage", "row"),
    [
        pytest.param({}, {"weight": float("nan")}, id="a weight"),
        pytest.param({}, {"mean": float("-inf")}, id="a mean"),
        pytest.param({}, {"spread": 0}, id="no spread"),
        pytest.param({"slope": float("inf")}, {}, id="the slope"),
        pytest.param({"offset": float("nan")}, {}, id="the offset"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(damage: dict[str, float], row: dict[str, float]) -> None:
    """Also where a file is whole, and its sum is right: somebody may have written them so."""
    whole = {"slope": 1.0, "offset": 0.0, "weights": {"faces.count": {"mean": 1.0, "spread": 2.0, "weight": 3.0}}}
    assert plain_evidence_weights(read_evidence_weights(whole)) == whole
    broken = {**whole, **damage, "weights": {"faces.count": {"mean": 1.0, "spread": 2.0, "weight": 3.0, **row}}}
    with pytest.raises(ValueError, match="weights that are no numbers"):
        read_evidence_weights(broken)


def test_a_detector_of_before_there_was_evidence_is_read(tmp_path: Path) -> None:
    """Its folder is of format 2 and says nothing of evidence."""
    features, shares, _ = photos(200, 9)
    save_detector(learn_detector("eyes-1", features, shares), tmp_path / "detector")
    file = tmp_path / "detector" / "detector.json"
    about = json.loads(file.read_text("utf-8"))
    before = {name: value for name, value in about.items() if name not in ("evidence", "files", "sum")}
    file.write_text(json.dumps({**before, "format": 2}), "utf-8")
    loaded = load_detector(tmp_path / "detector", "eyes-1")
    assert loaded is not None
    assert loaded.scores(features).shape == (200,)


def test_rows_that_are_no_numbers_teach_nothing() -> None:
    """Nor rows that do not fit their names."""
    features, shares, numbers = photos(200, 10)
    with pytest.raises(DetectorError, match="no number in a photo"):
        learn_detector("eyes-1", features, shares, (), EvidenceSample("faces-1", NAMES, numbers * np.nan))
    with pytest.raises(DetectorError, match="1 numbers are named"):
        learn_detector("eyes-1", features, shares, (), EvidenceSample("faces-1", NAMES[:1], numbers))
