"""The evidence pack of a home: read from its records, and as one file for whoever asks over HTTP."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from compliance.gate import SAYS
from compliance.lexicon.lexicon import default_lexicon
from compliance.records.audit import Event
from compliance.records.evidence import read_evidence
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from photosense.pages.evidence import Pack, Register, write_pack
from photosense.settings import Settings


def evidence_of(settings: Settings, first: date | None, last: date | None) -> Pack:
    """What the records of a home prove of a period, both days included."""
    evidence = read_evidence(settings.audit_path, first, last)
    recorded = [act.subject for act in evidence.acts if act.event == Event.TAKEN_DOWN]
    says = SAYS | {terms.id: terms.says for terms in default_lexicon().rules}
    return Pack(evidence, _register(settings, recorded), says, datetime.now(UTC))


def packed_evidence(settings: Settings, first: date | None, last: date | None) -> bytes:
    """The same as a ZIP of its files."""
    packed = BytesIO()
    with TemporaryDirectory() as folder:
        write_pack(evidence_of(settings, first, last), Path(folder))
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for file in sorted(Path(folder).iterdir()):
                archive.write(file, file.name)
    return packed.getvalue()


def _register(settings: Settings, recorded: list[str]) -> Register:
    register, tombstones = Takedowns(settings.takedowns_path), Tombstones(settings.tombstones_path)
    known, soundness = register.all()[::-1], register.soundness()
    ids = {each.id for each in known}
    damage = str(soundness) if soundness and soundness.breaks else None
    missing = [takedown for takedown in recorded if takedown not in ids]
    return Register(known, damage, missing, len(tombstones), tombstones.soundness())
