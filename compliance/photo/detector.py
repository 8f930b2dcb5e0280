"""The photo detector: how likely a photo shows a child, by what the site's encoder measured and what the captions say.

What was learned lies in a folder of plain files: numbers and JSON, nothing that runs.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, NamedTuple, NotRequired, TypedDict

import numpy as np

from common.arrays import Float32, Float64
from common.digest import check_seal, damaged_file, file_digest, sealed
from common.files import new_folder
from common.stats import logistic
from compliance.errors import DetectorError
from compliance.facts import Thresholds
from compliance.photo.caption_words import CaptionWords, WordWeights
from compliance.photo.evidence_weights import EvidenceWeights, plain_evidence_weights, read_evidence_weights

FORMAT: Final = 3
READ: Final = (2, FORMAT)  # 2 was before there was evidence
ABOUT: Final = "detector.json"
WORDS: Final = "words.json"
EVIDENCE: Final = "evidence.json"
_ROWS: Final = 512  # photos at once, so that memory stays bounded


@dataclass(frozen=True)
class Machine:
    """A regression on kernels: features, levelled and along axes, are compared with those of photos it learned from."""

    mean: Float32
    spread: Float32
    axes: Float32
    support: Float32
    weights: Float32

    def project(self, features: Float32) -> Float32:
        """The photos along the machine's axes."""
        return np.asarray(((signed_roots(features) - self.mean) / self.spread) @ self.axes, np.float32)

    def raw(self, features: Float32, gamma: float) -> Float64:
        """What the regression says; it means something only after calibration."""
        raw = np.zeros(len(features))
        for at in range(0, len(features), _ROWS):
            raw[at : at + _ROWS] = kernel(self.project(features[at : at + _ROWS]), self.support, gamma) @ self.weights
        return raw


class CaptionModel(NamedTuple):
    """What words tell beside the photo, and the thresholds of both together."""

    words: WordWeights
    thresholds: Thresholds


class PhotoScore(NamedTuple):
    """A probability, and the thresholds that it is to be held against."""

    score: float
    thresholds: Thresholds


Rates = Mapping[str, Sequence[float]]  # a rate by its name, then the ends of its interval


class DetectorFigures(TypedDict):
    """What was measured on photos that were held out: rates at each threshold, each with its 95 % interval."""

    photos: int
    children: int
    auc: float
    child: Rates
    review: Rates
    curve: list[list[float]]
    with_words: NotRequired["DetectorFigures"]


def rates_at(thresholds: Thresholds, figures: DetectorFigures) -> list[tuple[str, float, Rates]]:
    """Give each threshold's name, where it lies, and what was measured there."""
    return [("child", thresholds.child, figures["child"]), ("review", thresholds.review, figures["review"])]


@dataclass(frozen=True)
class PhotoDetector:
    """A calibrated machine with two thresholds; `figures` is what was measured when it was learned.

    `encoder` and `evidence` name what measured the photos; without further evidence that is empty. `caption_model` is
    None where it learned from photos without captions, `weights` where from features alone.
    """

    encoder: str
    machine: Machine
    gamma: float
    slope: float
    offset: float
    thresholds: Thresholds
    figures: DetectorFigures
    caption_model: CaptionModel | None = None
    evidence: str = ""
    weights: EvidenceWeights | None = None

    def has_seen_like(self, features: Float32 | None, evidence: Float32 | None) -> bool:
        """Whether a photo was measured as those were that it learned from."""
        if features is None or len(features) != len(self.machine.mean):
            return False
        return self.weights is None or (evidence is not None and len(evidence) == len(self.weights.weights))

    def scores(self, features: Float32, numbers: Float32 | None = None) -> Float64:
        """The probability that each photo shows a child; what is no number gives none.

        `numbers` are the rows of the evidence that it learned from, where it learned from any.
        """
        if features.shape[1:] != self.machine.mean.shape:
            raise DetectorError(
                f"The detector learned from {len(self.machine.mean)} features of {self.encoder!r}, these are "
                f"{features.shape[1:]}: train it with the encoder in force (`photosense compliance train`)."
            )
        raw = self.machine.raw(features, self.gamma)
        if self.weights is None:
            return calibrated(raw, self.slope, self.offset)
        return logistic(self.weights.odds(self.slope * raw + self.offset, numbers))

    def judge(
        self, features: Float32, captions: Sequence[CaptionWords], numbers: Float32 | None = None
    ) -> list[PhotoScore]:
        """Judge photos with what is said of them; where the photo alone is sure, somebody looks all the same."""
        scores = []
        for alone, own in zip(self.scores(features, numbers).tolist(), captions, strict=True):
            if self.caption_model is None or not own:
                scores.append(PhotoScore(alone, self.thresholds))
                continue
            words, thresholds = self.caption_model
            score = 1 / (1 + math.exp(-words.odds(log_odds(alone), own)))
            least = thresholds.review if alone >= self.thresholds.child else 0.0
            scores.append(PhotoScore(score if math.isnan(score) else max(score, least), thresholds))
        return scores


def signed_roots(features: Float32) -> Float32:
    """Roots, so that a few strong features do not drown the many weak ones."""
    return np.asarray(np.sign(features) * np.sqrt(np.abs(features)), np.float32)


def kernel(one: Float32, other: Float32, gamma: float) -> Float32:
    """How alike two photos are, 1 to 0, for each pair."""
    apart = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.asarray(np.exp(-gamma * np.maximum(apart, 0)), np.float32)


def calibrated(raw: Float64, slope: float, offset: float) -> Float64:
    """What the regression said as a probability."""
    return logistic(slope * raw + offset)


def log_odds(score: float) -> float:
    """A probability as log-odds, within what the calibration can say."""
    return score if math.isnan(score) else math.log(max(score, 1e-9) / max(1 - score, 1e-9))


def save_detector(detector: PhotoDetector, folder: Path) -> None:
    """Write the folder; a reader finds the old one or the new one, whole."""
    about = {
        "format": FORMAT,
        "encoder": detector.encoder,
        "evidence": detector.evidence,
        "numbers": len(detector.weights.weights) if detector.weights else 0,
        "gamma": detector.gamma,
        "slope": detector.slope,
        "offset": detector.offset,
        "thresholds": detector.thresholds._asdict(),
        "figures": detector.figures,
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(folder) as aside:
        for part in fields(detector.machine):
            np.save(aside / f"{part.name}.npy", getattr(detector.machine, part.name), allow_pickle=False)
        if detector.weights:
            (aside / EVIDENCE).write_text(json.dumps(plain_evidence_weights(detector.weights), indent=2), "utf-8")
        if detector.caption_model:
            about["thresholds_with_words"] = detector.caption_model.thresholds._asdict()
            words = json.dumps(asdict(detector.caption_model.words), indent=0, ensure_ascii=False)
            (aside / WORDS).write_text(words, "utf-8")
        about["files"] = {file.name: file_digest(file) for file in sorted(aside.iterdir())}
        (aside / ABOUT).write_text(json.dumps(sealed(about), indent=2), "utf-8")


def load_detector(folder: Path, encoder: str, evidence: str = "") -> PhotoDetector | None:
    """The detector of a folder; None when there is none.

    One of another encoder, or of other evidence, is refused, not silently left out.
    """
    if not folder.exists():
        return None
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        if about["format"] not in READ:
            raise DetectorError(f"{folder} is of format {about['format']}, not {FORMAT}: {_AGAIN}.")
        check_seal(about)
        if (damaged := damaged_file(folder, about.get("files") or {})) is not None:
            raise ValueError(f"{damaged.name} is not what was written")
        parts = {part.name: np.load(folder / f"{part.name}.npy", allow_pickle=False) for part in fields(Machine)}
        thresholds, together = _thresholds(about["thresholds"]), about.get("thresholds_with_words")
        caption_model = CaptionModel(_words(folder / WORDS), _thresholds(together)) if together else None
        gamma, slope, offset = (float(about[name]) for name in ("gamma", "slope", "offset"))
        detector = PhotoDetector(
            encoder=str(about["encoder"]),
            machine=Machine(**parts),
            gamma=gamma,
            slope=slope,
            offset=offset,
            thresholds=thresholds,
            figures=about["figures"],
            caption_model=caption_model,
            evidence=str(about.get("evidence", "")),
            weights=_weights(folder / EVIDENCE) if about.get("numbers") else None,
        )
        _fits(detector)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DetectorError(f"{folder} holds no whole detector ({error}): {_AGAIN}.") from None
    if detector.encoder != encoder:
        raise DetectorError(
            f"The detector in {folder} was trained with the encoder {detector.encoder!r}, the settings name "
            f"{encoder!r}: set the encoder back, or train it again with `photosense compliance train`."
        )
    if detector.evidence != evidence:
        raise DetectorError(
            f"The detector in {folder} was trained with {_named(detector.evidence)}, the settings name "
            f"{_named(evidence)}: set `evidence` back, or train it again with `photosense compliance train`."
        )
    return detector


_AGAIN: Final = "restore it, or train it again with `photosense compliance train`"


def _thresholds(written: dict[str, float]) -> Thresholds:
    thresholds = Thresholds(**{name: float(value) for name, value in written.items()})
    if not 0 < thresholds.review <= thresholds.child <= 1:
        raise ValueError("its thresholds are no probabilities in order")
    return thresholds


def _named(evidence: str) -> str:
    return f"the evidence {evidence!r}" if evidence else "no evidence"


def _weights(file: Path) -> EvidenceWeights:
    return read_evidence_weights(json.loads(file.read_text("utf-8")))


def _words(file: Path) -> WordWeights:
    words = WordWeights(**json.loads(file.read_text("utf-8")))
    numbers = [*words.weights.values(), words.slope, words.offset, words.least]
    if not all(isinstance(number, float) and math.isfinite(number) for number in numbers):
        raise ValueError("its words have weights that are no numbers")
    return words


def _fits(detector: PhotoDetector) -> None:
    machine = detector.machine
    width, axes = machine.axes.shape
    shapes = (machine.mean.shape, machine.spread.shape, machine.support.shape, machine.weights.shape)
    if shapes != ((width,), (width,), (len(machine.support), axes), (len(machine.support),)):
        raise ValueError("its arrays do not fit each other")
    if not all(np.isfinite(getattr(machine, part.name)).all() for part in fields(machine)):
        raise ValueError("it holds numbers that are none")
