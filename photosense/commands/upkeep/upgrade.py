"""`photosense upgrade`: a store of a former format goes forward, and the old one is kept beside."""

import time
from pathlib import Path
from typing import Annotated

import typer

from photosense.errors import PhotosenseError
from photosense.export.upgrade import upgrade_store
from photosense.progress import progress
from photosense.settings import load_settings
from qdrant.engine.about import FORMAT


def upgrade(home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None) -> None:
    """Bring a store that an earlier version wrote to the format of this one; stop the service first."""
    settings = load_settings({"home": home})[0]
    if settings.qdrant_url is not None:
        raise PhotosenseError(
            "A collection of a server is read as it is: there is nothing to upgrade. Unset PHOTOSENSE_QDRANT_URL to "
            "upgrade an embedded store."
        )
    began = time.monotonic()
    with progress("posts") as update:
        done = upgrade_store(settings, update)
    if done is None:
        typer.echo(f"{settings.store_path} has format {FORMAT}, that of this version: nothing to do.")
        return
    typer.echo(
        f"{done.posts} posts went from format {done.former} to {FORMAT} in {time.monotonic() - began:.1f} s. The old "
        f"store is {done.kept}: remove it when all is well."
    )
    if done.lost_model:
        typer.echo(f"This version does not read the model {done.lost_model}: `photosense train` learns a new one.")
