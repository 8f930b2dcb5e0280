"""`photosense verify`: every part of a home against itself, also while it is served."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from photosense.progress import progress
from photosense.settings import load_settings
from photosense.soundness.home import home_verdicts
from photosense.soundness.verdict import PartVerdict

_out = Console(emoji=False)


def verify(home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None) -> None:
    """Check every part of a home against itself; say what is damaged, and what to do about it."""
    settings = load_settings({"home": home})[0]
    verdicts: list[PartVerdict] = []
    with progress("posts read") as update:
        for verdict in home_verdicts(settings, update):
            verdicts.append(verdict)
            _print(verdict)
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
