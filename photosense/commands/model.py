"""`photosense model`: the models that were in force, and which one is; another is put in force without a stop."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from common.presence import Presence
from photosense.errors import PhotosenseError
from photosense.house import House, open_house
from photosense.settings import Settings, load_settings
from qdrant.vector_kind import THETA
from topic_model.artifact import load_model, load_quality
from topic_model.errors import ArtifactError
from training.publish import PublishedModels, publish

model_app = typer.Typer(help="Models: which there are, which is in force, and going back.", no_args_is_help=True)
_out = Console(emoji=False)
_PRESENCE = "training.presence"

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]


@model_app.command("list")
def list_models(home: Home = None) -> None:
    """List the models of this home, the newest first."""
    with open_house(load_settings({"home": home})[0], with_model=False, with_detector=False) as house:
        active, filled = house.store.in_force(), house.store.info().sizes(THETA)
        table = Table("model", "learned", "topics", "perplexity", "", box=None, header_style="dim")
        for folder in _folders(house.settings.models_path):
            try:
                model, quality = load_model(folder), load_quality(folder)
            except ArtifactError as error:
                table.add_row(folder.name, "", "", "", str(error))
                continue
            measured = quality.perplexity if quality else {}
            table.add_row(
                model.id,
                datetime.fromtimestamp(folder.stat().st_mtime).astimezone().strftime("%Y-%m-%d %H:%M"),
                str(model.members[0].topics),
                ", ".join(f"{modality} {value:.0f}" for modality, value in measured.items()),
                "in force" if folder.name == active else "ready" if folder.name in filled else "",
            )
    if not table.row_count:
        raise PhotosenseError("There is no model yet: run `photosense train`.")
    _out.print(table)


@model_app.command("publish")
def publish_model(
    model: Annotated[str, typer.Argument(help="Its id, as `photosense model list` names it.")], home: Home = None
) -> None:
    """Put a model in force; a running service answers by it a second later."""
    settings = load_settings({"home": home})[0]
    with one_training(settings), _opened(settings) as house:
        _publish(house, model)


@model_app.command()
def rollback(home: Home = None) -> None:
    """Put the model in force that was before the one that is."""
    settings = load_settings({"home": home})[0]
    with one_training(settings), _opened(settings) as house:
        active = house.store.in_force()
        before = PublishedModels(settings.models_path).before(active) if active else None
        if before is None:
            raise PhotosenseError(
                "No model of before is kept: `photosense model list` names those there are, `photosense model publish` "
                "puts one in force."
            )
        _publish(house, before)


@contextmanager
def one_training(settings: Settings) -> Iterator[None]:
    """Refuse to learn or publish beside somebody who does that already."""
    with Presence(settings.home / _PRESENCE) as presence:
        if not presence.is_first:
            raise PhotosenseError(
                "Another command learns or publishes a model in this home: wait until it is done, then ask again."
            )
        presence.let_in()  # so that the next one learns at once that somebody is here
        yield


@contextmanager
def _opened(settings: Settings) -> Iterator[House]:
    with open_house(settings, with_model=False, with_detector=False) as house:
        yield house


def _publish(house: House, wanted: str) -> None:
    models = house.settings.models_path
    folder = models / wanted
    if folder not in _folders(models):
        known = ", ".join(one.name for one in _folders(models)) or "none"
        raise PhotosenseError(f"There is no model {wanted!r} in {models} (there is: {known}).")
    model = load_model(folder)
    encoder = house.photos.encoder.id
    if model.encoder != encoder:
        raise PhotosenseError(
            f"Model {model.id} was trained on visual words of {model.encoder!r}, the settings name {encoder!r}: set "
            "the encoder back first."
        )
    publish(house.store, models, model, house.settings.keep_models)
    _out.print(f"Model {model.id} is in force.", highlight=False)


def _folders(models: Path) -> list[Path]:
    """The folders of models, the newest first."""
    folders = [one for one in models.iterdir() if (one / "model.json").is_file()] if models.is_dir() else []
    return sorted(folders, key=lambda one: (-one.stat().st_mtime, one.name))
