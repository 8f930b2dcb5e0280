"""`photosense model`: the models that were in force, and which one is; another is put in force without a stop."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from photosense.errors import PhotosenseError
from photosense.house import House, open_house
from photosense.settings import load_settings
from photosense.work.training_work import model_before, model_folders, one_training, publishing, put_in_force
from qdrant.vector_kind import THETA
from topic_model.artifact import load_model, load_quality
from topic_model.errors import ArtifactError
from topic_model.model import TopicModel
from topic_model.training.modality import KEPT, add_modality, remove_modality
from topic_model.vocabulary import TokenBounds
from training.topics import TeachingPosts, release

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


@model_app.command("add-modality")
def add(
    name: Annotated[str, typer.Argument(help="A modality that the settings declare, such as album.")],
    weight: Annotated[
        float,
        typer.Option(
            min=0, max=1000, help="What its tokens weigh where a post has them; 0: it is only classified into."
        ),
    ] = 1.0,
    home: Home = None,
) -> None:
    """Learn a modality beside the topics there are, and put the model in force; `photosense train` learns all anew."""
    settings = load_settings({"home": home})[0]
    if name not in settings.modalities:
        declared = ", ".join(settings.modalities) or "none is"
        raise PhotosenseError(
            f"The settings declare no modality {name!r} ({declared}). Say where it is read from, in photosense.toml: "
            f'[modalities] and below it {name} = "attrs.{name}".'
        )
    with one_training(settings), open_house(settings) as house:
        model = _in_force(house)
        posts = TeachingPosts(
            house.store, teaching=house.law.gate.teaching(), modalities={name: settings.modalities[name]}
        )
        bounds = TokenBounds(settings.min_documents, settings.max_share, settings.vocabulary)
        _put(house, model, add_modality(model, posts, name, bounds, weight), posts)
    _out.print(f"`photosense classify {name} --text ...` asks it, and so does POST /v1/classify.", highlight=False)


@model_app.command("remove-modality")
def remove(
    name: Annotated[str, typer.Argument(help="A modality of the model that is none of words, hashtags, photos.")],
    home: Home = None,
) -> None:
    """Leave out a modality, and put the model without it in force."""
    settings = load_settings({"home": home})[0]
    with one_training(settings), open_house(settings) as house:
        model = _in_force(house)
        _put(house, model, remove_modality(model, name), TeachingPosts(house.store, teaching=house.law.gate.teaching()))
    if name in settings.modalities:
        _out.print(
            f"The settings declare {name!r} still: the next `photosense train` learns it again.", highlight=False
        )


def _in_force(house: House) -> TopicModel:
    if house.models.topics is None:
        raise PhotosenseError("There is no model yet: run `photosense train`.")
    return house.models.topics


def _put(house: House, before: TopicModel, model: TopicModel, posts: TeachingPosts) -> None:
    settings = house.settings
    release(
        house.store,
        settings.models_path,
        model,
        posts,
        children=settings.children,
        keep=settings.keep_models,
        made_of=before.id,
    )
    further = ", ".join(
        f"{name} ({len(tokens)})" for name, tokens in model.vocabulary.tokens.items() if name not in KEPT
    )
    _out.print(f"Model {model.id} is in force; further modalities: {further or 'none'}.", highlight=False)


def _say(model: TopicModel) -> None:
    _out.print(f"Model {model.id} is in force.", highlight=False)
