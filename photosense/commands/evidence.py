"""`photosense compliance report`: the evidence pack of a period, also while the service runs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from photosense.errors import PhotosenseError
from photosense.pages.evidence import write_pack
from photosense.pages.evidence_pack import evidence_of
from photosense.settings import load_settings

_out = Console(emoji=False)


def report(
    since: Annotated[
        str | None, typer.Option("--from", help="First day, such as 2024-09-01; none: of the file.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day, included; none: the last of the file.")] = None,
    to_folder: Annotated[Path | None, typer.Option("--out", help="Folder of the pack.")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
) -> None:
    """Make the evidence pack of a period: what was refused, withheld, decided and taken down, under which rules."""
    settings = load_settings({"home": home})[0]
    first, last = _day("--from", since), _day("--to", until)
    if first and last and first > last:
        raise PhotosenseError(f"--from {first} comes after --to {last}: give the earlier day first.")
    pack = evidence_of(settings, first, last)
    evidence = pack.evidence
    page = write_pack(pack, to_folder or Path(f"evidence-{evidence.since}-{evidence.until}"))
    _say(
        f"{evidence.since} to {evidence.until}: {evidence.lines_of_period:,} of {evidence.lines:,} lines of the record."
    )
    if not evidence.lines_of_period:
        _say("Nothing was recorded in this period; the pack says so.")
    if evidence.damaged:
        _say(f"Damaged lines: {len(evidence.damaged):,}; the pack names them.")
    if pack.register.damage or pack.register.missing:
        _say("The register of takedowns does not hold; the pack says why.")
    _say(f"It lies in {page}, with counts.csv and acts.csv beside it: open it in a browser, and print it there.")


def _day(option: str, written: str | None) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PhotosenseError(f"{option} {written[:40]!r} is no day: write it like 2024-09-01.") from None


def _say(text: str) -> None:
    _out.print(escape(text), soft_wrap=True, highlight=False)
