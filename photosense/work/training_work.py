"""Learning a model, and putting one in force."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.presence import Presence
from photosense.errors import PhotosenseError
from photosense.house import House, open_house
from photosense.settings import Settings
from topic_model.artifact import load_model
from topic_model.model import TopicModel
from topic_model.training.em import State
from topic_model.training.recipe import Recipe
from topic_model.verdict import quality_remarks
from training.publish import PublishedModels, publish
from training.topics import TrainingResult, retrain

_PRESENCE = "training.presence"


@contextmanager
def one_training(settings: Settings) -> Iterator[None]:
    """Refuse to learn or publish beside somebody who does that already."""
    with Presence(settings.home / _PRESENCE) as presence:
        if not presence.is_first:
            raise PhotosenseError(
                "Another command learns or publishes a model in this home: wait until it is done, then ask again.",
                "training_under_way",
            )
        presence.let_in()  # so that the next one learns at once that somebody is here
        yield


def learn_model(
    house: House, recipe: Recipe, progress: Callable[[State], None], *, resume: bool, publishes: bool = True
) -> TrainingResult:
    """Learn a model from the posts of the store, and put it in force unless it is to wait."""
    settings = house.settings
    trained = retrain(
        house.store,
        settings.models_path,
        recipe,
        house.photos.encoder.id,
        teaching=house.law.gate.teaching(),
        held_out=settings.held_out,
        children=settings.children,
        keep=settings.keep_models,
        ideas=house.models.ideas,
        modalities=settings.modalities,
        reader=house.reader,
        dual=house.photos.dual,
        engine=settings.engine,
        resume=resume,
        publishes=publishes,
        progress=progress,
    )
    if not publishes:
        _drop_waiting(house, trained.model.id)
    return trained


def _drop_waiting(house: House, latest: str) -> None:
    """Of models that were never in force as many are kept as of those that were: the oldest go."""
    models, active = house.settings.models_path, house.store.in_force()
    published = {*PublishedModels(models).ids, active, latest}
    waiting = [folder for folder in model_folders(models) if folder.name not in published]
    for folder in waiting[house.settings.keep_models - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def training_report(trained: TrainingResult, *, held_out: bool) -> Mapping[str, Any]:
    """What was learned and how good it is, as data."""
    model, quality = trained.model, trained.quality
    return {
        "model": model.id,
        "published": trained.net is not None,
        "topics": model.members[0].topics,
        "live_topics": quality.live_topics,
        "committee": len(model.members),
        "documents": quality.documents,
        "held_out": held_out,
        "perplexity": {name: round(value, 1) for name, value in quality.perplexity.items()},
        "usual": {name: round(value, 1) for name, value in quality.usual.items()},
        "coherence": None if quality.mean_coherence is None else round(quality.mean_coherence, 3),
        "verdict": [remark._asdict() for remark in quality_remarks(quality, held_out=held_out)],
    }


def put_in_force(house: House, wanted: str) -> TopicModel:
    """Put a model of this home in force."""
    models = house.settings.models_path
    model = load_model(model_folder(house, wanted))
    encoder = house.photos.encoder.id
    if model.encoder != encoder:
        raise PhotosenseError(
            f"Model {model.id} was trained on visual words of {model.encoder!r}, the settings name {encoder!r}: set "
            "the encoder back first.",
            "other_encoder",
        )
    publish(house.store, models, model, house.settings.keep_models)
    return model


def model_folder(house: House, wanted: str) -> Path:
    """The folder of a model of this home."""
    models = house.settings.models_path
    folder = models / wanted
    if folder not in model_folders(models):
        known = ", ".join(one.name for one in model_folders(models)) or "none"
        raise PhotosenseError(f"There is no model {wanted[:40]!r} in this home (there is: {known}).", "no_such_model")
    return folder


def model_before(house: House) -> str:
    """The model that was in force before the one that is."""
    active = house.store.in_force()
    before = PublishedModels(house.settings.models_path).before(active) if active else None
    if before is None:
        raise PhotosenseError(
            "No model of before is kept: `photosense model list` names those there are, `photosense model publish` "
            "puts one in force.",
            "no_model_before",
        )
    return before


@contextmanager
def publishing(settings: Settings) -> Iterator[House]:
    """A house in which a model is put in force, and nobody else does that."""
    with one_training(settings), open_house(settings, with_model=False, with_detector=False) as house:
        yield house


def model_folders(models: Path) -> list[Path]:
    """The folders of models, the newest first."""
    folders = [one for one in models.iterdir() if (one / "model.json").is_file()] if models.is_dir() else []
    return sorted(folders, key=lambda one: (-one.stat().st_mtime, one.name))
