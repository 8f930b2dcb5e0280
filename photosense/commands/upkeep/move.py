"""`photosense move`: the store goes to a Qdrant server, or back into the home; the one it comes from stays as it is."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from common.files import new_folder, write_file
from photosense.errors import PhotosenseError
from photosense.export.move import check_empty, move_store
from photosense.house import Company, open_house
from photosense.progress import progress
from photosense.settings import Settings, load_settings
from qdrant.open_store import open_folder, open_server
from qdrant.store import Store

_HOME: Final = "home"
_STORE: Final = ".new"
_NOTE: Final = "move.begun"  # where to: what was cut short goes on


def move(
    to: Annotated[str, typer.Option("--to", help="The address of a Qdrant server; home: back into the home folder.")],
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
) -> None:
    """Move the posts to another store, with facts, decisions and the model in force; stop the service first."""
    settings = load_settings({"home": home})[0]
    where = str(settings.store_path) if to == _HOME else f"the collection {settings.qdrant_collection} at {to}"
    if to == (settings.qdrant_url or _HOME):
        raise PhotosenseError(f"The posts are there already, by the settings: {where}.")
    began = time.monotonic()
    with (
        open_house(settings, with_model=False, with_detector=False, company=Company.ALONE) as house,
        target_of(settings, to, where) as target,
        progress("posts") as update,
    ):
        posts = move_store(house.store, target, where, update)
    typer.echo(
        f"{posts} posts are in {where}, after {time.monotonic() - began:.1f} s; what they came from is as it was."
    )
    unset = "unset PHOTOSENSE_QDRANT_URL (`qdrant_url`)" if to == _HOME else f"set PHOTOSENSE_QDRANT_URL={to}"
    typer.echo(f"Now {unset}, start the service, and remove the old one when all is well.")


@contextmanager
def target_of(settings: Settings, to: str, where: str) -> Iterator[Store]:
    """The store to move to: in the home it is put in place when it is whole, on a server a cut move goes on."""
    if to == _HOME:
        if settings.store_path.exists():
            raise PhotosenseError(f"{where} exists: move it away first, a move replaces nothing.")
        with new_folder(settings.store_path) as aside:
            with closing(open_folder(aside / _STORE, settings.bounds)) as target:
                yield target
            for part in (aside / _STORE).iterdir():
                part.rename(aside / part.name)
            for left in aside.glob(f"{_STORE}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        return
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    with closing(open_server(to, key, settings.server_settings, bounds=settings.bounds)) as target:
        note = settings.home / _NOTE
        if not (note.is_file() and note.read_text("utf-8") == where):
            check_empty(target, where)
            write_file(note, where)
        yield target
        note.unlink()
