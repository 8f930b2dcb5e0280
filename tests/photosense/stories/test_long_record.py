"""A home whose audit grew so long that volumes of it were closed: saved, brought back, exported and shown whole."""

import gzip
import json
from pathlib import Path

from compliance.records.audit import Audit
from compliance.records.chain import verify
from compliance.records.volumes import closed_volumes, volumes, whole_lines
from tests.support.command import Command


def lengthen(home: Path, name: str) -> None:
    """Record so much that volumes are closed."""
    audit = Audit(home / "audit.ndjson", "abc", volume_bytes=500)
    for number in range(12):
        audit.decided(f"{name}{number}", "clear", "m1")


def lines(home: Path) -> list[bytes]:
    """Every line of the audit."""
    return [line for file in volumes(home / "audit.ndjson") for line in whole_lines(file)]


def test_a_backup_an_export_and_the_evidence_hold_all_volumes(photosense: Command, tmp_path: Path) -> None:
    """Also what was packed, and what is restored beside a record that went on in further volumes."""
    home = tmp_path / "photosense-data"
    posts = tmp_path / "posts.ndjson"
    posts.write_text(json.dumps({"id": "a", "text": "boats in the harbour at dusk", "child": False}))
    assert photosense("ingest", str(posts)).code == 0
    lengthen(home, "early")
    first = closed_volumes(home / "audit.ndjson")[0]
    first.with_name(f"{first.name}.gz").write_bytes(gzip.compress(first.read_bytes()))
    first.unlink()
    saved = lines(home)
    assert photosense("backup", str(tmp_path / "saved")).code == 0
    assert photosense("export", str(tmp_path / "all.ndjson")).code == 0
    assert photosense("restore", str(tmp_path / "saved"), "--home", str(tmp_path / "tried")).code == 0
    assert photosense("verify", "--home", str(tmp_path / "tried")).code == 0
    assert lines(tmp_path / "tried")[: len(saved)] == saved
    assert photosense("import", str(tmp_path / "all.ndjson"), "--home", str(tmp_path / "moved")).code == 0
    assert lines(tmp_path / "moved")[: len(saved)] == saved
    assert verify(tmp_path / "moved" / "audit.ndjson").breaks == ()
    report = photosense("compliance", "report", "--out", str(tmp_path / "pack"))
    assert (report.code, f"of {len(lines(home)):,} lines" in report.out) == (0, True), report.out
    lengthen(home, "late")
    later = lines(home)
    for entry in home.iterdir():
        if not entry.name.startswith(("audit", "takedowns", "tombstones")):
            entry.rename(tmp_path / f"lost-{entry.name}")
    restored = photosense("restore", str(tmp_path / "saved"))
    assert restored.code == 0, restored.err
    assert lines(home)[: len(later)] == later
    assert photosense("verify").code == 0
    home.joinpath("audit.ndjson").write_bytes(b"")
    assert photosense("verify").code == 1
