"""What is installed and what was learned: packages, extras, encoders, the rules, the model beside its store."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from compliance.errors import ComplianceError
from compliance.photo.detector import load_detector
from compliance.policy import load_policy
from compliance.records.audit import last_policy
from photosense.doctor.diagnosis import Diagnosis, care, ill, well
from photosense.settings import Settings
from qdrant.edge.folder import active_in
from qdrant.errors import StoreError
from topic_model.alignment.contrast import LEAST_POSTS
from topic_model.artifact import load_model
from topic_model.errors import TopicModelError
from vision.errors import VisionError

_PYTHONS: Final = ((3, 11), (3, 13))
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def look_at_parts(settings: Settings) -> Iterator[Diagnosis]:
    """Look at all of it."""
    yield _python()
    yield _packages()
    yield from _encoders(settings)
    yield _rules(settings)
    yield _model(settings)


def _python() -> Diagnosis:
    ours = sys.version_info[:2]
    says = f"Python {'.'.join(map(str, sys.version_info[:3]))}, photosense {version('photosense')}."
    if not _PYTHONS[0] <= ours <= _PYTHONS[1]:
        return ill("versions", says, "install a Python from 3.11 to 3.13")
    return well("versions", says)


def _packages() -> Diagnosis:
    missing = []
    for line in requires("photosense") or ():
        name = _NAME.match(line)
        if name is None or "extra ==" in line or "sys_platform" in line:
            continue
        try:
            installed = version(name[0])
        except PackageNotFoundError:
            missing.append(name[0])
            continue
        if name[0] == "qdrant-edge-py" and not installed.startswith("0.9."):
            says = f"qdrant-edge-py is {installed}; its files need 0.9."
            return ill("packages", says, "pip install qdrant-edge-py==0.9.*")
    if missing:
        return ill("packages", f"{', '.join(missing)} are not installed.", "pip install --force-reinstall photosense")
    return well("packages", "All that photosense needs is installed.")


def _encoders(settings: Settings) -> Iterator[Diagnosis]:
    try:
        encoder, dual, evidence = settings.make_encoder(), settings.make_dual_encoder(), settings.make_evidence()
        yield well("encoders", f"Photos are seen by {encoder.id}{f', and by {dual.id}' if dual else ''}.")
        yield from _reader(settings)
        detector = load_detector(settings.detector_path, encoder.id, evidence.id)
        if detector is None:
            yield care(
                "detector",
                "Nobody looks for children in photos: what shows one silently waits or is open, as the rules say.",
                "`photosense compliance train`, see docs/compliance.md",
            )
    except VisionError as error:
        named = "`encoder`, `dual_encoder`, `text_encoder` or `evidence`"
        yield ill("encoders", str(error), f"correct {named}, or install what it names")
    except ComplianceError as error:
        yield ill("detector", str(error), "`photosense compliance train`, or set the encoder back")


def _reader(settings: Settings) -> Iterator[Diagnosis]:
    """Whether the text encoder is the one that taught the model in force."""
    reader = settings.make_text_encoder()
    if reader is None or settings.qdrant_url is not None:
        return
    try:
        active = active_in(settings.store_path)
        model = load_model(settings.models_path / active) if active else None
    except (StoreError, TopicModelError):
        return  # told with the model
    if model is None:
        yield well("texts", f"{reader.id} will read captions when you train, and questions from then on.")
    elif model.aligned is None or model.aligned.read_by != reader.id:
        says = f"{reader.id} is named and not heard: model {model.id} learned without what texts mean to it."
        yield care("texts", says, f"`photosense train`, with {LEAST_POSTS:,} photos with words or more")
    else:
        yield well("texts", f"Captions and questions are read by {reader.id}.")


def _rules(settings: Settings) -> Diagnosis:
    try:
        policy = load_policy(settings.rules)
    except ComplianceError as error:
        return ill("rules", str(error), "correct the file, or unset PHOTOSENSE_RULES")
    if settings.rules is None:
        return care("rules", "The rules are the example that ships.", "have a lawyer write yours: docs/compliance.md")
    if last_policy(settings.audit_path) not in (None, policy.hash):
        return care("rules", f"{policy.file} is not what was followed last.", "start the service again to follow it")
    return well("rules", f"{policy.file}, version {policy.version}, is in force.")


def _model(settings: Settings) -> Diagnosis:
    if settings.qdrant_url is not None:
        return well("model", "It is checked against the server's store when the service starts.")
    try:
        active = active_in(settings.store_path)
        if active is None:
            return care("model", "There is no model: posts are found by words alone.", "`photosense train`")
        model = load_model(settings.models_path / active)
        encoder = settings.make_encoder().id
    except (StoreError, TopicModelError) as error:
        return ill("model", str(error), "restore it from a backup, or `photosense train --anew`")
    except VisionError:
        return care("model", f"Model {active} is there; its encoder is not.", "see encoders")
    if model.encoder != encoder:
        return ill(
            "model",
            f"Model {model.id} learned the words of {model.encoder}, the settings name {encoder}.",
            "set the encoder back, or `photosense ingest` the posts again and `photosense train`",
        )
    return well("model", f"Model {model.id} of {model.topics} topics is in force.")
