"""Commands that look after the store: optimize and backup, also while it is served, and restore."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from common.files import sync
from ingest.photos.rendition_folder import RenditionFolder, shown_photo
from photosense.backup.home_copy import bring_home, check_home, other_settings, read_manifest
from photosense.backup.make_backup import make_backup
from photosense.backup.series import backups_in
from photosense.errors import PhotosenseError
from photosense.house import open_house
from photosense.progress import console
from photosense.settings import Settings, load_settings
from qdrant.edge.backup import restore as restore_store
from qdrant.edge.backup import verified
from qdrant.edge.folder import active_in
from qdrant.filters import Filter, Has
from qdrant.grammar import read_filter
from qdrant.open_store import open_folder
from qdrant.store import Store
from qdrant.vector_kind import DUAL

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]
_STORE, _MODEL = "store", "model"
_OLD_RECORDS = (
    "Its records are those of the backup: what was taken down or held since then is shown again. To keep it away, "
    "restore into a folder that holds today's records of the home and nothing else (docs/operations.md, Try it)."
)


def add_store_commands(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command in (optimize, backup, restore):
        app.command()(command)


def optimize(home: Home = None) -> None:
    """Compact the store, so that nothing is left of what was deleted, and build what makes a large one fast."""
    with open_house(_settings(home), with_model=False) as house, _watched("optimizing"):
        if house.photos.dual is not None:
            for encoder in house.store.info().sizes(DUAL).keys() - {house.photos.dual.id}:
                house.store.drop_vector(DUAL.of(encoder))
        house.store.optimize()
        if house.photos.renditions is not None:
            house.photos.renditions.sweep((point.id, shown_photo(point)) for point in house.store.scroll())
    typer.echo("The store is compact; nothing is left on disk of what was deleted or replaced.")


def backup(
    folder: Annotated[
        Path, typer.Argument(metavar="PLACE", help="A folder that does not exist yet; with --keep, one of backups.")
    ],
    home: Home = None,
    keep: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Make one more of a series in PLACE, and keep so many of them.")
    ] = None,
) -> None:
    """Copy the store, the model in force, and all that the law needs, with checksums, also while it is served."""
    settings = _settings(home)
    if keep is None and folder.exists():
        raise PhotosenseError(f"{folder} exists already: name a folder that does not, or make a series with --keep 7.")
    with _watched("reading and copying"):
        made = make_backup(settings, folder, keep)
    typer.echo(
        f"{made.posts} posts and {'the model ' + made.model if made.model else 'no model'} are saved in {made.place}."
    )
    if keep is not None:
        shared = f", {made.shared / 1e6:,.1f} MB of it shared with the one before" if made.shared is not None else ""
        went = f" {made.dropped} older ones went." if made.dropped else ""
        typer.echo(f"It took {made.seconds:.0f} s{shared}; {made.kept} are kept.{went}")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="PLACE", help="What `photosense backup` made.")], home: Home = None
) -> None:
    """Put a backup into an empty home, after every file and the count of posts were verified."""
    settings = _settings(home)
    if settings.qdrant_url:
        raise PhotosenseError(
            "A server takes its snapshot back itself: docs/running.md has the request. Unset PHOTOSENSE_QDRANT_URL to "
            "restore an embedded store."
        )
    if series := backups_in(folder):
        folder = series[-1]
        typer.echo(f"{folder} is the latest of the series.")
    aside = settings.home / ".restored"
    with _watched("verifying and copying"):
        stay = check_home(settings.home, folder)
        manifest = read_manifest(folder)
        if manifest is None and (folder / _MODEL).exists():
            verified(folder / _MODEL)
        try:
            shutil.rmtree(aside, ignore_errors=True)
            restored = restore_store(folder / _STORE, aside / _STORE)
            active = active_in(aside / _STORE)
            if manifest is not None:
                bring_home(settings, folder, aside, stay)
                _check_count(aside / _STORE, folder, manifest["posts"])
            elif active:
                restore_store(folder / _MODEL, aside / "models" / active)
            sync(aside)
            for entry in sorted(aside.iterdir(), key=lambda entry: entry.name == _STORE):  # the store comes last
                if not entry.name.startswith(f"{_STORE}."):
                    entry.rename(settings.home / entry.name)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    typer.echo(f"{restored.posts} posts are restored in {settings.home}.")
    if manifest is not None and not stay:
        typer.echo(_OLD_RECORDS)
    for file in other_settings(settings, folder):
        typer.echo(f"{file} is not what is in force now: compare them.")


def _check_count(store: Path, folder: Path, posts: int) -> None:
    """Refuse a store that holds another number of posts than was saved."""
    opened = open_folder(store)
    try:
        count = opened.count()
    finally:
        opened.close()
    if count != posts:
        raise PhotosenseError(f"{folder} holds {count} posts of the {posts} that were saved: use another backup.")


def read_option(written: str | None) -> Filter | None:
    """Read a filter from the command line."""
    if written is None:
        return None
    try:
        return read_filter(json.loads(written))
    except (ValueError, RecursionError) as error:
        example = '{"field": "attrs.place", "equals": "Karelia"}'
        raise PhotosenseError(f"--filter is no JSON ({error}): write it like '{example}'.") from None


def renditions_row(folder: RenditionFolder | None) -> str | None:
    """Say of how many photos small copies are kept, and what these take; None where there are none."""
    photos, size = folder.kept() if folder else (0, 0)
    return f"of {photos} photos, {size / 1e6:,.1f} MB" if photos else None


def dual_rows(store: Store, named: str | None) -> Iterator[str]:
    """Say how many posts each dual encoder has seen that the store holds places of, and what to do about the others."""
    posts = store.count()
    for encoder in store.info().sizes(DUAL):
        count = store.count(Has(DUAL.of(encoder).name))
        if encoder != named:
            goes = ": `photosense optimize` drops them" if named else ""
            yield f"{encoder}, places of {count} posts, is not named by the settings{goes}"
        elif count < posts:
            yield f"{encoder}, places of {count} of {posts} posts; ingest those again whose photos it has not seen"
        else:
            yield f"{encoder}, places of all {posts} posts"


@contextmanager
def _watched(says: str) -> Iterator[None]:
    """Show that something goes on, where somebody watches."""
    if not console.is_terminal:
        yield
        return
    with console.status(escape(says)):
        yield


def _settings(home: Path | None) -> Settings:
    return load_settings({"home": home})[0]
