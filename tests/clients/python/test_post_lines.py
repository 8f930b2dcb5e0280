"""Posts of Python become lines of JSON."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from photosense_client.post_lines import MOST_BYTES, MOST_LINES, Batch, json_line


def test_what_python_has_and_json_has_not_is_written_as_the_service_reads_it(tmp_path: Path) -> None:
    """Bytes and paths of photos, times, sets; a line holds no line break of its own."""
    file = tmp_path / "photo"
    file.write_bytes(b"\xff\xd8")
    taken = datetime(2024, 6, 1, 21, 40, tzinfo=UTC)
    post = {
        "id": "p",
        "photo": file,
        "text": "два\nслова",
        "attrs": {"taken": taken, "day": date(2024, 6, 1)},
        "tags": {"b", "a"},
    }
    line = json_line(post)
    assert line.count(b"\n") == 1
    attrs = {"taken": "2024-06-01T21:40:00+00:00", "day": "2024-06-01"}
    assert json.loads(line) == {"id": "p", "photo": "/9g=", "text": "два\nслова", "attrs": attrs, "tags": ["a", "b"]}
    assert json_line({"photo": b"\xff\xd8"}) == json_line({"photo": file})


def test_what_no_post_can_hold_is_told() -> None:
    """The error names the value and what would do."""
    with pytest.raises(TypeError, match="A post cannot hold"):
        json_line({"id": object()})


def test_a_batch_is_full_by_lines_or_by_bytes() -> None:
    """Small posts go by the hundred, large ones by their size."""
    for count, line in [(MOST_LINES, b"x"), (2, b"x" * (MOST_BYTES // 2))]:
        batch = Batch()
        for _ in range(count):
            assert not batch.is_full
            batch.add(line)
        assert batch.is_full
