"""`photosense keys`: keys of the site's programs, by what each may do; a running service follows at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.access.key_file import Key, KeyFile
from api.access.scopes import Scope
from photosense.errors import PhotosenseError
from photosense.progress import console
from photosense.settings import load_settings

keys_app = typer.Typer(help="Make, list and end keys of the site's programs.", no_args_is_help=True)
_out = Console(emoji=False)

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]
Prefix = Annotated[str, typer.Argument(help="The prefix of the key, as `photosense keys list` shows it.")]


@keys_app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as backend or desk-anna.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; give it several times. None: admin, which is all.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36500, help="Days that it is good for; none: for good.")
    ] = None,
    home: Home = None,
) -> None:
    """Make a key: it is printed once, and kept nowhere."""
    if not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        raise PhotosenseError("A key needs a name of 1 to 100 characters, such as backend.")
    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)
    file = _file(home)
    secret, key = file.create(name.strip(), frozenset(scope or [Scope.ADMIN]), expires)
    _show(secret, key, file.home)


@keys_app.command("list")
def list_keys(home: Home = None) -> None:
    """List all keys that were ever made here."""
    file = _file(home)
    if not (keys := file.keys()):
        _out.print(
            "There are no keys: `photosense keys create NAME` makes one. Until then this machine may do everything."
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("prefix", "name", "scopes", "made", "until", ""):
        table.add_column(heading)
    for key in keys:
        row = (key.prefix, key.name, _scopes(key), _day(key.created), _day(key.expires), key.state(file.now()))
        table.add_row(*map(escape, row))
    _out.print(table)


@keys_app.command()
def revoke(prefix: Prefix, home: Home = None) -> None:
    """End a key now, with all that was signed in or handed out by it."""
    key = _file(home).revoke(prefix)
    _out.print(
        f"{key.prefix} ({escape(key.name)}) is revoked: whoever sends it is refused from now on.", soft_wrap=True
    )


@keys_app.command()
def rotate(
    prefix: Prefix,
    overlap: Annotated[int, typer.Option(min=0, max=8760, help="Hours until the old one ends.")] = 24,
    home: Home = None,
) -> None:
    """Make a key in place of another, which is good for some hours more."""
    file = _file(home)
    secret, key, old = file.rotate(prefix, timedelta(hours=overlap))
    _show(secret, key, file.home)
    console.print(f"{old.prefix} ends at {old.expires:%Y-%m-%d %H:%M} UTC.", highlight=False)


def _file(home: Path | None) -> KeyFile:
    return KeyFile(load_settings({"home": home})[0].keys_path)


def _show(secret: str, key: Key, home: Path) -> None:
    """The key alone on stdout, for `KEY=$(photosense keys create ...)`; what there is to know on stderr."""
    typer.echo(secret)
    until = "for good" if key.expires is None else f"until {_day(key.expires)}"
    console.print(
        f"This is the key {key.prefix} ({escape(key.name)}) of {escape(str(home))} for {_scopes(key)}, {until}. "
        "It is shown this once: "
        "keep it where your secrets are, and send it as `Authorization: Bearer ...`.",
        highlight=False,
        soft_wrap=True,
    )


def _scopes(key: Key) -> str:
    return " ".join(scope for scope in Scope if scope in key.scopes)


def _day(moment: datetime | None) -> str:
    return "for good" if moment is None else f"{moment:%Y-%m-%d}"
