"""`photosense doctor`: what keeps a home from being served well; the exit code is that of the worst finding."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from photosense.doctor.diagnosis import Diagnosis, Severity, ill, worst
from photosense.doctor.parts import look_at_parts
from photosense.doctor.place import look_at_place
from photosense.doctor.reach import look_at_reach
from photosense.errors import SettingsError
from photosense.settings import load_settings

_out = Console(emoji=False)
_LOOKS = {Severity.WELL: "[green]well[/]", Severity.CARE: "[yellow]care[/]", Severity.ILL: "[bold red]ill [/]"}


def doctor(
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
    through: Annotated[
        str | None, typer.Option(help="The address by which visitors reach the service, through its proxy.")
    ] = None,
) -> None:
    """Look at versions, extras, folders, room, model, rules, keys, proxies, servers, the clock and limits."""
    findings = list[Diagnosis]()
    for finding in _findings(home, through):
        findings.append(finding)
        _out.print(
            f"{_LOOKS[finding.severity]}  {finding.about:<12}{escape(finding.says)}", soft_wrap=True, highlight=False
        )
        if finding.way_out:
            _out.print(f"{'':18}{escape(f'What to do: {finding.way_out}.')}", soft_wrap=True, highlight=False)
    raise typer.Exit(int(worst(findings)))


def _findings(home: Path | None, through: str | None) -> Iterator[Diagnosis]:
    try:
        settings = load_settings({"home": home})[0]
    except SettingsError as error:
        yield ill("settings", str(error), "correct it: docs/running.md lists the settings")
        return
    yield from look_at_parts(settings)
    yield from look_at_place(settings, datetime.now(UTC))
    yield from look_at_reach(settings, through)
