"""What was learned, file by file: models, encoders, the detector, what tells advertisements."""

from collections.abc import Callable, Iterator
from pathlib import Path

from compliance.errors import ComplianceError
from compliance.learned.telling_words import load_telling
from compliance.learned.topic_net import load_net
from compliance.photo.detector import load_detector
from ingest.errors import IngestError
from ingest.steps.ads_model import load_ads
from photosense.settings import Settings
from photosense.soundness.verdict import RESTORE, PartVerdict
from topic_model.artifact import load_model
from topic_model.errors import TopicModelError
from topic_model.match.matcher import load_matcher
from vision.errors import VisionError
from vision.fitting.artifact import load_encoder

_OURS = (TopicModelError, ComplianceError, VisionError, IngestError)


def check_learned(settings: Settings, active: str | None) -> Iterator[PartVerdict]:
    """Read everything that was learned, as whoever uses it does."""
    models = PartVerdict("models", "none yet: posts are found by words")
    if active is not None:
        folder = settings.models_path / active
        models.says = f"{active}, in force, holds what was written"
        _try(models, lambda: _read_model(folder), f"{RESTORE}, or train anew: `photosense train --anew`")
    yield models
    encoders = PartVerdict("encoders", "none was fitted")
    for folder in _folders(settings.encoders_path):
        encoders.says = "each holds what was written"
        _try(encoders, lambda folder=folder: load_encoder(folder), f"{RESTORE}, or fit it again")  # type: ignore[misc]
    yield encoders
    detector = PartVerdict("detector", "none was trained")
    if settings.detector_path.exists():
        detector.says = "holds what was written, and is of the encoder in force"
        _try(
            detector,
            lambda: load_detector(settings.detector_path, settings.make_encoder().id, settings.make_evidence().id),
            f"{RESTORE}, or train it again: `photosense compliance train`",
        )
    yield detector
    ads = PartVerdict(
        "advertisements", "nothing was learned" if not settings.ads_path.exists() else "holds what was written"
    )
    _try(ads, lambda: load_ads(settings.ads_path), f"{RESTORE}, or learn them again: `photosense ads train`")
    yield ads


def _read_model(folder: Path) -> None:
    model = load_model(folder)
    load_matcher(folder)
    load_telling(folder, model.id)
    load_net(folder, model.id, model.topics)


def _try(verdict: PartVerdict, read: Callable[[], object], way_out: str) -> None:
    try:
        read()
    except _OURS as error:
        verdict.add(str(error), way_out)


def _folders(path: Path) -> list[Path]:
    return sorted(entry for entry in path.glob("*") if entry.is_dir()) if path.is_dir() else []
