"""`photosense compliance report`: the evidence pack of a period, also while the service runs."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from compliance.gate import SAYS
from compliance.lexicon.lexicon import default_lexicon
from compliance.records.audit import Event
from compliance.records.evidence import read_evidence
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from photosense.errors import PhotosenseError
from photosense.pages.evidence import Pack, Register, write_pack
from photosense.settings import Settings, load_settings

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
    evidence = read_evidence(settings.audit_path, first, last)
    recorded = [act.subject for act in evidence.acts if act.event == Event.TAKEN_DOWN]
    says = SAYS | {terms.id: terms.says for terms in default_lexicon().rules}
    pack = Pack(evidence, _register(settings, recorded), says, datetime.now(UTC))
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


def _register(settings: Settings, recorded: list[str]) -> Register:
    register, tombstones = Takedowns(settings.takedowns_path), Tombstones(settings.tombstones_path)
    known, soundness = register.all()[::-1], register.soundness()
    ids = {each.id for each in known}
    damage = str(soundness) if soundness and soundness.breaks else None
    missing = [takedown for takedown in recorded if takedown not in ids]
    return Register(known, damage, missing, len(tombstones), tombstones.soundness())


def _day(option: str, written: str | None) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PhotosenseError(f"{option} {written[:40]!r} is no day: write it like 2024-09-01.") from None


def _say(text: str) -> None:
    _out.print(escape(text), soft_wrap=True, highlight=False)
