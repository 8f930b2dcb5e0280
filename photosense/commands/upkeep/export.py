"""`photosense export` and `photosense import`: everything of a home as lines of JSON, and back."""

from pathlib import Path
from typing import Annotated

import typer

from photosense.errors import PhotosenseError
from photosense.export.export_reader import read_export
from photosense.export.export_writer import write_export
from photosense.export.lines import Kind
from photosense.house import open_house
from photosense.progress import progress
from photosense.settings import load_settings

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]


def export(
    file: Annotated[Path, typer.Argument(help="Where the lines go; it holds held posts too, so it is yours alone.")],
    home: Home = None,
    model: Annotated[bool, typer.Option("--model", help="With the model in force, encoders and the detector.")] = False,
) -> None:
    """Write posts with all that is known of them, decisions, consents, takedowns and the audit, as NDJSON."""
    settings = load_settings({"home": home})[0]
    if file.exists():
        raise PhotosenseError(f"{file} exists already: name a file that does not.")
    with open_house(settings, with_model=False, with_detector=False) as house, progress("posts") as update:
        counts = write_export(settings, house.store, file, model=model, progress=update)
    typer.echo(f"{counts[Kind.POST]} posts and {counts[Kind.RECORD]} lines of records are in {file}.")


def import_(
    file: Annotated[Path, typer.Argument(help="What `photosense export` wrote, with this or an earlier version.")],
    home: Home = None,
) -> None:
    """Bring an export into an empty home, embedded or on a server; what was held or taken down stays so."""
    settings = load_settings({"home": home})[0]
    with progress("posts") as update:
        head, posts = read_export(settings, file, update)
    typer.echo(f"{posts} of {head['posts']} posts are in {settings.home}.")
    if posts != head["posts"]:
        typer.echo("The others were taken down.")
    if head["active"] is None:
        typer.echo("The export has no model: `photosense train` learns one.")
