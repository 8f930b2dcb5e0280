"""Taking a file: every line is counted, and what was turned away is kept beside its reason."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.bulk.report import Report
from ingest.bulk.run import LINES_AT_ONCE, Progress, Run, take_all
from ingest.errors import InputMissing
from ingest.pipeline import Pipeline
from qdrant.engine.write_plan import Written
from qdrant.errors import StoreFull
from qdrant.points import PhotoPoint
from tests.support.crawl import make_pipeline, photo, post
from tests.support.reference_store import ReferenceStore


class SmallDisk(ReferenceStore):
    """A store that takes so many batches and is full then."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self.left = batches

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        if not self.left:
            raise StoreFull("Only 3 MB are free.")
        self.left -= 1
        return super().upsert(points)


@pytest.fixture
def store() -> ReferenceStore:
    return ReferenceStore()


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return tmp_path / "rejected" / "posts.ndjson"


def write(file: Path, *sent: dict[str, Any] | bytes) -> Path:
    encoded = (line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in sent)
    file.write_bytes(b"\n".join(encoded))
    return file


def read(letters: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in letters.read_text("utf-8").splitlines()]


def ingest_file(file: Path, pipeline: Pipeline, letters: Path, progress: Progress | None = None) -> Report:
    return take_all(Run.of(file, letters), pipeline, progress=progress)


class TestTakingAFile:
    def test_every_line_is_counted(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """Statuses and reasons add up to the lines of the file, over several batches; blank lines are none."""
        good = [post(f"p{number}") for number in range(LINES_AT_ONCE + 10)]
        file = write(tmp_path / "posts.ndjson", *good, b"", good[0], b"{", {"id": "x"}, b"{", {**good[1], "id": "y"})
        counts: list[int] = []
        report = ingest_file(file, make_pipeline(store), letters, lambda report, _: counts.append(report.lines))
        assert report.statuses == {"stored": len(good), "unchanged": 1, "rejected": 4}
        assert report.reasons == {"broken_json": 2, "empty": 1, "duplicate": 1}
        assert report.lines == len(good) + 5 == counts[-1]
        assert counts[0] == LINES_AT_ONCE
        assert store.count() == len(good)

    def test_dead_letters_can_be_mended(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """Each rejected line is kept with number, id, reason, detail, and the line as it was sent."""
        wrong = {"id": "p2", "text": "Снежные вершины, клоп", "likes": 3}
        cut = '{"id": "p4", "text": "клоп'.encode()
        file = write(tmp_path / "posts.ndjson", post("p1"), wrong, b"", cut, b'{"id": "\xff"}')
        report = ingest_file(file, make_pipeline(store), letters)
        assert report.dead_letters == letters
        entries = read(letters)
        assert [(letter["line"], letter["id"], letter["reason"]) for letter in entries] == [
            (2, "p2", "wrong_field"),
            (4, None, "broken_json"),
            (5, None, "broken_json"),
        ]
        assert entries[0]["post"] == wrong
        assert entries[0]["folder"] == str(tmp_path)
        assert entries[1]["post"] == cut.decode()
        assert entries[2]["post"] == '{"id": "\ufffd"}'
        assert all(letter["detail"] for letter in entries)
        assert [file.name for file in letters.parent.iterdir()] == [letters.name]

    def test_a_mended_letter_is_taken(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """What a dead letter holds under `post`, once mended, is a post."""
        file = write(tmp_path / "posts.ndjson", {**post("p1"), "likes": 3})
        ingest_file(file, make_pipeline(store), letters)
        mended = {name: value for name, value in read(letters)[0]["post"].items() if name != "likes"}
        report = ingest_file(write(tmp_path / "mended.ndjson", mended), make_pipeline(store), letters)
        assert report.statuses == {"stored": 1}

    def test_without_rejects_there_are_no_letters(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """A clean file leaves no file of rejects."""
        report = ingest_file(write(tmp_path / "posts.ndjson", post("p1")), make_pipeline(store), letters)
        assert report.dead_letters is None
        assert list(letters.parent.iterdir()) == []

    def test_letters_of_an_earlier_run_go_when_all_is_mended(
        self, tmp_path: Path, store: ReferenceStore, letters: Path
    ) -> None:
        """Whoever looks for rejects after a clean run finds none; the file that was read is never touched."""
        ingest_file(write(tmp_path / "posts.ndjson", {"id": "p1"}), make_pipeline(store), letters)
        assert letters.exists()
        mended = write(tmp_path / "posts.ndjson", post("p1"))
        ingest_file(mended, make_pipeline(store), letters)
        assert not letters.exists()
        assert mended.exists()

    def test_an_empty_file_is_no_error(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """Nothing in the file, nothing counted."""
        assert ingest_file(write(tmp_path / "posts.ndjson"), make_pipeline(store), letters).lines == 0

    def test_photos_are_read_beside_the_file(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """Paths of photos are relative to the posts file, wherever the process runs."""
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "1.png").write_bytes(photo("sea"))
        file = write(tmp_path / "posts.ndjson", post("p1", photo="photos/1.png"))
        assert ingest_file(file, make_pipeline(store), letters).statuses == {"stored": 1}
        (point,) = store.get(["p1"])
        assert point is not None
        assert point.tokens("image")

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """The error says that the file cannot be read, not that something cannot be written."""
        with pytest.raises(InputMissing, match="cannot be read"):
            ingest_file(tmp_path / "missing.ndjson", make_pipeline(store), letters)

    def test_letters_that_cannot_be_written_are_an_error(self, tmp_path: Path, store: ReferenceStore) -> None:
        """Where rejects cannot be kept nothing is taken, and the place is named."""
        (tmp_path / "taken").write_text("a file")
        file = write(tmp_path / "posts.ndjson", post("p1"))
        with pytest.raises(InputMissing, match=r"taken.* cannot be written: .+\. Give a writable folder\."):
            ingest_file(file, make_pipeline(store), tmp_path / "taken" / "posts.ndjson")
        assert store.count() == 0

    def test_a_full_disk_names_the_letters(self, tmp_path: Path, store: ReferenceStore, letters: Path) -> None:
        """An error that comes without a file's name still tells a place."""
        letters.parent.mkdir()
        letters.with_suffix(".part").symlink_to("/dev/full")
        file = write(tmp_path / "posts.ndjson", {"id": "empty"})
        with pytest.raises(InputMissing, match=r"posts\.part cannot be written: No space left on device"):
            ingest_file(file, make_pipeline(store), letters)

    def test_a_run_that_stops_is_taken_up_by_sending_again(self, tmp_path: Path, letters: Path) -> None:
        """When the store is full midway, what was taken stays, and the same file takes the rest later."""
        store = SmallDisk(batches=1)
        file = write(tmp_path / "posts.ndjson", *[post(f"p{number}") for number in range(LINES_AT_ONCE + 5)])
        with pytest.raises(StoreFull):
            ingest_file(file, make_pipeline(store), letters)
        assert store.count() == LINES_AT_ONCE
        store.left = 2
        assert ingest_file(file, make_pipeline(store), letters).statuses == {"unchanged": LINES_AT_ONCE, "stored": 5}
