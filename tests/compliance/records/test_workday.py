"""What was decided on one day, read from the end of the record."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from compliance.country import Country
from compliance.records.audit import Audit
from compliance.records.workday import workday

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)


def test_decisions_of_the_day_are_counted_and_no_others(tmp_path: Path) -> None:
    """Those of yesterday are not, nor what visitors asked meanwhile; a record of many blocks is read whole."""
    file = tmp_path / "audit.ndjson"
    now = [NOON - timedelta(days=1)]
    audit = Audit(file, now=lambda: now[0])
    audit.decided("p1", "clear", "m1")
    now[0] = NOON
    for number in range(700):
        audit.refused("вопрос", "child-ru", Country("RU", "site"))
        if number % 100 == 0:
            audit.decided(f"p{number}", "clear", "m1" if number else "m2")
    audit.undone("p1", "review", "m1")
    assert file.stat().st_size > 2 * 2**16
    today = workday(file, NOON + timedelta(hours=3))
    assert (today.decided, today.undone, today.by) == (7, 1, {"m1": 6, "m2": 1})
    assert today.day == NOON.date()


def test_lines_that_nobody_can_read_and_a_missing_file_count_nothing(tmp_path: Path) -> None:
    """The desk opens all the same."""
    file = tmp_path / "audit.ndjson"
    file.write_bytes(b'{"at": "yesterday"}\n\xff\n[]\n{"at": "2026-05-02T11:00:00+00:00", "event": "decided"}\n{"torn')
    assert workday(file, NOON).decided == 1
    assert workday(tmp_path / "none.ndjson", NOON).decided == 0
    assert workday(None, NOON).decided == 0
