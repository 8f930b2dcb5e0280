"""A record that grew long goes on in another file: all its volumes prove together what one file would."""

import gzip
import json
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from common.faults import Fate, faults
from compliance.country import Country
from compliance.records.audit import Audit
from compliance.records.chain import Chain, head_file, verify
from compliance.records.evidence import read_evidence
from compliance.records.volumes import closed_file, record_of, volumes
from compliance.records.workday import workday

LONG = 400  # bytes: two lines and a bit
DE = Country("DE", "site")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.ndjson"


def audit_of(path: Path) -> Audit:
    return Audit(path, "abc", now=lambda: NOW, volume_bytes=LONG)


def filled(path: Path, count: int = 12) -> Audit:
    audit = audit_of(path)
    for number in range(count):
        audit.decided(f"p{number}", "clear", "m1")
    return audit


def test_together_they_are_the_lines_of_one_file(path: Path) -> None:
    """Each begins with a line that follows the last of the one before; put together they verify as one file does."""
    audit = filled(path)
    files = volumes(path)
    assert len(files) > 3
    assert all(file.stat().st_size < 3 * LONG for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    entries = list(audit.entries())
    assert [entry["event"] for entry in entries].count("decided") == 12
    assert str(audit.soundness()) == f"The chain of audit.ndjson is whole: {len(entries)} lines."
    whole = path.with_name("whole") / "audit.ndjson"
    whole.parent.mkdir()
    whole.write_bytes(b"".join(file.read_bytes() for file in files))
    assert verify(whole).breaks == ()
    assert verify(whole).lines == len(entries)


def test_what_reads_the_record_reads_all_of_it(path: Path) -> None:
    """The evidence of a period, the day of the desk, and how a post stands in it, packed volumes too."""
    audit = filled(path)
    (first, *_) = volumes(path)
    first.with_name(f"{first.name}.gz").write_bytes(gzip.compress(first.read_bytes()))
    first.unlink()
    assert sum(entry["event"] == "decided" for entry in audit.entries()) == 12
    assert workday(path, NOW).decided == 12
    evidence = read_evidence(path, date(2026, 5, 1), date(2026, 5, 1))
    assert (len(evidence.acts), evidence.damaged) == (12, {})
    assert evidence.soundness is not None
    assert evidence.soundness.breaks == ()


def test_what_is_changed_or_taken_out_of_a_volume_is_seen(path: Path) -> None:
    """A line, a volume in the middle, the last one, and a packed one that is damaged."""
    audit = filled(path)
    first, second, *_, last = files = volumes(path)
    kept = {file: file.read_bytes() for file in files}

    def broken() -> bool:
        soundness = audit.soundness()
        return bool(soundness and soundness.breaks)

    first.write_bytes(kept[first].replace(b"clear", b"child"))
    assert broken()
    first.write_bytes(kept[first])
    assert not broken()
    second.unlink()
    assert broken()
    packed = second.with_name(f"{second.name}.gz")
    packed.write_bytes(gzip.compress(kept[second])[:-20])
    assert broken()
    packed.write_bytes(gzip.compress(kept[second]))
    assert not broken()
    last.unlink()
    assert broken()


def test_the_oldest_may_lie_elsewhere_and_that_is_said(path: Path) -> None:
    """What is left proves itself, and says how many lines it does not speak of; it goes on so."""
    audit = filled(path)
    lines = verify(path).lines
    for file in volumes(path)[:2]:
        file.unlink()
    says = str(verify(path))
    assert f"is whole: {lines} lines." in says
    assert "are in volumes that lie elsewhere, and were not read" in says
    audit.decided("late", "clear", "m1")
    Chain(path).append({"event": "by another process"})
    assert verify(path).breaks == ()
    for file in volumes(path)[:-1]:
        file.unlink()
    audit_of(path).decided("later", "clear", "m1")
    assert verify(path).breaks == ()


def test_many_writers_close_volumes_and_lose_no_line(path: Path) -> None:
    """Each has the record open for itself, as processes of a service have."""

    def write(name: int) -> None:
        audit = audit_of(path)
        for number in range(40):
            audit.decided(f"{name}-{number}", "clear", "m1")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(path).breaks == ()
    entries = list(Audit(path).entries())
    assert sum(entry["event"] == "decided" for entry in entries) == 160
    assert sum(entry["event"] == "continued" for entry in entries) == len(volumes(path)) - 1 > 10


def test_a_head_that_is_older_than_the_volume_is_no_harm(path: Path) -> None:
    """As a process that is killed right after a volume was closed leaves it."""
    audit = filled(path, 2)
    older = head_file(path).read_bytes()
    while len(volumes(path)) == 1:
        older = head_file(path).read_bytes()
        audit.decided("p", "clear", "m1")
    head_file(path).write_bytes(older)
    assert verify(path).breaks == ()
    Chain(path).append({"event": "more"})
    assert verify(path).breaks == ()


@pytest.mark.parametrize("mode", [Fate.FAIL, Fate.STAY])
def test_whatever_fails_as_a_volume_is_closed_loses_no_line(tmp_path: Path, mode: Fate) -> None:
    """The i-th step fails, for i = 1, 2, 3 ... until nothing fails."""
    for number in range(1, 200):
        path = tmp_path / str(number) / "audit.ndjson"
        audit = filled(path, 2)
        with faults(mode, number, path.parent) as armed:
            for _ in range(4):
                audit.looked("p", "m1")
        for _ in range(2):
            assert verify(path).breaks == (), armed.names[number - 1 :]
            filled(path, 3)
        assert sum(entry["event"] == "decided" for entry in Audit(path).entries()) == 8
        assert len(volumes(path)) > 2
        if not armed.is_over:
            assert number > 20
            return
    raise AssertionError("it never ended")


def test_a_strange_file_in_the_place_of_a_volume_is_left_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The record goes on in one file, and the log says why."""
    closed_file(path, 1).write_text("somebody's\n")
    audit = filled(path)
    assert closed_file(path, 1).read_text() == "somebody's\n"
    assert volumes(path) == [path]
    assert audit.soundness() == verify(path)
    assert verify(path).breaks == ()
    assert "is there already" in caplog.text


def test_names_of_volumes_are_known() -> None:
    """Those of a record, packed or not, and nothing else."""
    assert record_of("audit-000001.ndjson") == record_of("audit-123456.ndjson.gz") == "audit.ndjson"
    for name in ("audit.ndjson", "audit-1.ndjson", "audit.salt", "audit-000001.ndjson.head"):
        assert record_of(name) is None


def test_the_first_line_of_a_volume_says_where_it_goes_on(path: Path) -> None:
    """Which volume was closed before it, and after how many lines, under which rules."""
    filled(path)
    first, second, *_ = volumes(path)
    entry = json.loads(second.read_bytes().splitlines()[0])
    assert (entry["event"], entry["policy"], entry["volume"]) == ("continued", "abc", 1)
    assert entry["after"] == len(first.read_bytes().splitlines())
