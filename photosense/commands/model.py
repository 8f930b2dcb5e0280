"""`photosense model`: the models that were in force, and which one is; another is put in force without a stop."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from photosense.errors import PhotosenseError
from photosense.house import open_house
from photosense.settings import load_settings
from photosense.work.training_work import model_before, model_folders, publishing, put_in_force
from qdrant.vector_kind import THETA
from topic_model.artifact import load_model, load_quality
from topic_model.errors import ArtifactError
from topic_model.model import TopicModel

model_app = typer.Typer(help="Models: which there are, which is in force, and going back.", no_args_is_help=True)
_out = Console(emoji=False)

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]


@model_app.command("list")
def list_models(home: Home = None) -> None:
    """List the models of this home, the newest first."""
    with open_house(load_settings({"home": home})[0], with_model=False, with_detector=False) as house:
        active, filled = house.store.in_force(), house.store.info().sizes(THETA)
        table = Table("model", "learned", "topics", "perplexity", "", box=None, header_style="dim")
        for folder in model_folders(house.settings.models_path):
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
    with publishing(settings) as house:
        _say(put_in_force(house, model))


@model_app.command()
def rollback(home: Home = None) -> None:
    """Put the model in force that was before the one that is."""
    settings = load_settings({"home": home})[0]
    with publishing(settings) as house:
        _say(put_in_force(house, model_before(house)))


def _say(model: TopicModel) -> None:
    _out.print(f"Model {model.id} is in force.", highlight=False)
