"""`photosense verify`: every part of a home against itself, also while it is served."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from photosense.progress import progress
from photosense.settings import load_settings
from photosense.soundness.home import NO_RESTS, Rests, home_verdicts
from photosense.soundness.note import note_check
from photosense.soundness.rest import Rest
from photosense.soundness.verdict import PartVerdict

_out = Console(emoji=False)
_NICE: Final = 15
_POSTS, _BYTES = 1000.0, 20e6  # that are read in a second


def verify(
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
    gently: Annotated[bool, typer.Option("--gently", help="Slowly, behind all others, as the service does.")] = False,
) -> None:
    """Check every part of a home against itself; say what is damaged, and what to do about it."""
    settings = load_settings({"home": home})[0]
    verdicts: list[PartVerdict] = []
    began = time.monotonic()
    if gently:
        os.nice(_NICE)
    rests = Rests(Rest(_POSTS), Rest(_BYTES)) if gently else NO_RESTS
    with progress("posts read") as update:
        for verdict in home_verdicts(settings, update, rests):
            verdicts.append(verdict)
            _print(verdict)
    if settings.home.is_dir():
        with suppress(OSError):  # what was found stands above
            note_check(settings, verdicts, time.monotonic() - began)
    damaged = [verdict.part for verdict in verdicts if not verdict.is_whole]
    if damaged:
        _out.print(f"{settings.home} is damaged: {', '.join(damaged)}.", soft_wrap=True)
        raise typer.Exit(1)
    _out.print(f"{settings.home} is whole.", soft_wrap=True)


def _print(verdict: PartVerdict) -> None:
    if verdict.is_whole:
        _out.print(f"{verdict.part:<16}{escape(verdict.says)}", soft_wrap=True, highlight=False)
    for fault in verdict.faults:
        _out.print(f"{verdict.part:<16}[bold red]damaged[/]: {escape(fault.says)}", soft_wrap=True, highlight=False)
        _out.print(f"{'':<16}{escape(f'What to do: {fault.way_out}.')}", soft_wrap=True, highlight=False)
