"""A run that is killed goes on where it was: nothing is lost, nothing is stored twice, the report says it all."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ingest.bulk.journal import Journal
from ingest.bulk.report import Report
from ingest.bulk.run import LINES_AT_ONCE, Run, take_all
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from ingest.sources.ndjson import NdjsonSource
from qdrant.engine.write_plan import Written
from qdrant.errors import StoreFull
from qdrant.open_store import open_folder
from qdrant.store import Store
from tests.support.crawl import SCENES, make_pipeline
from tests.support.reference_store import ReferenceStore

KILLS = 3
LINES = 1200
EARLY = 4  # batches that are read before processes help; a site waits longer
MANY = (EARLY + 8) * LINES_AT_ONCE  # enough for processes to be started
CONDITIONS = {"encoder": "patches-2"}


def write_posts(file: Path, count: int = LINES) -> Path:
    """Posts of words, now and then a copy, a newer text under an old id, or a line that is wrong."""
    draw = random.Random(1)
    words = " ".join(f"{russian} {english}" for russian, english, _, _ in SCENES.values()).split()
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            post = {"id": f"p{number}", "text": f"{' '.join(draw.sample(words, 6))} кадр{number} {number % 97}"}
            if number % 50 == 7:
                post["id"] = f"p{number - 3}"
            if number % 50 == 9:
                post["likes"] = "3"
            lines.write(json.dumps(post, ensure_ascii=False) + "\n")
    return file


def documents(store: Store) -> dict[str, Any]:
    return {point.id: (point.payload["digest"], point.document(), dict(point.post)) for point in store.scroll()}


def numbers(letters: Path) -> list[int]:
    """The lines that were turned away."""
    return [json.loads(line)["line"] for line in letters.read_text("utf-8").splitlines()]


def take(store: Store, file: Path, home: Path, pipeline: Pipeline | None = None) -> Report:
    run = Run.of(file, home / "rejected.ndjson")
    return take_all(run, pipeline or make_pipeline(store), Journal(home / "journal", run.source, CONDITIONS))


CHILD = """
import sys
from pathlib import Path
from tests.ingest.stories.test_resuming import take
from qdrant.open_store import open_folder
home = Path(sys.argv[2])
store = open_folder(home / "store")
print("open", flush=True)
take(store, Path(sys.argv[1]), home)
print("done", flush=True)
"""


def test_killed_at_random_moments_it_ends_as_if_unbroken(tmp_path: Path) -> None:
    """Whenever the process dies, the Documents and the dead letters are in the end those of one quiet run."""
    file = write_posts(tmp_path / "posts.ndjson")
    quiet, broken = tmp_path / "quiet", tmp_path / "broken"
    store = open_folder(quiet / "store")
    report = take(store, file, quiet)
    expected = documents(store)
    store.close()
    draw = random.Random(2)
    for attempt in range(KILLS + 1):
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, file, broken],
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        if attempt < KILLS:
            time.sleep(draw.uniform(0.0, 0.6))
            process.kill()
        output = process.communicate(timeout=120)[0]
        assert process.returncode == (-signal.SIGKILL if "done" not in output else 0)
    assert "done" in output
    store = open_folder(broken / "store")
    assert documents(store) == expected
    store.close()
    letters = numbers(quiet / "rejected.ndjson")
    assert numbers(broken / "rejected.ndjson") == letters
    assert len(letters) == report.statuses["rejected"] >= LINES // 50
    assert list((broken / "journal").iterdir()) == []


class SmallDisk(ReferenceStore):
    """A store that takes so many batches and is full then."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self.left = batches
        self.upserted: list[str] = []

    def upsert(self, points: Any) -> list[Written]:
        if not self.left:
            raise StoreFull("Only 3 MB are free.")
        self.left -= 1
        self.upserted += [point.id for point in points]
        return super().upsert(points)


class TestGoingOn:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return write_posts(tmp_path / "posts.ndjson", 3 * LINES_AT_ONCE)

    @pytest.fixture
    def store(self, tmp_path: Path, file: Path) -> SmallDisk:
        """The disk is full after the second of three batches."""
        store = SmallDisk(2)
        with pytest.raises(StoreFull):
            take(store, file, tmp_path)
        store.left = 9
        store.upserted.clear()
        return store

    def test_what_is_done_is_not_done_again(self, tmp_path: Path, file: Path, store: SmallDisk) -> None:
        """Only the lines that were not acknowledged are taken, and the report counts all of them."""
        report = take(store, file, tmp_path)
        assert report.resumed_after == 2 * LINES_AT_ONCE
        assert report.lines == 3 * LINES_AT_ONCE
        assert report.statuses["stored"] + report.statuses["rejected"] == report.lines
        assert len(store.upserted) <= LINES_AT_ONCE
        rejected = numbers(tmp_path / "rejected.ndjson")
        assert len(rejected) == len(set(rejected)) == report.statuses["rejected"]

    @pytest.mark.parametrize("what", ["file", "conditions", "store", "letters", "journal"])
    def test_what_has_changed_is_begun_anew(self, tmp_path: Path, file: Path, store: SmallDisk, what: str) -> None:
        """Another file of that name, other settings, another store, lost letters: nothing is skipped."""
        conditions: dict[str, Any] = CONDITIONS
        if what == "file":
            file.write_bytes(b'{"id": "first"}\n' + file.read_bytes())
        elif what == "conditions":
            conditions = {"encoder": "other"}
        elif what == "store":
            store.delete([point.id for point in store.scroll()])
        elif what == "letters":
            (tmp_path / "rejected.part").unlink()
        else:
            (journal,) = (tmp_path / "journal").iterdir()
            journal.write_bytes(journal.read_bytes()[:-9])
        run = Run.of(file, tmp_path / "rejected.ndjson")
        report = take_all(run, make_pipeline(store), Journal(tmp_path / "journal", run.source, conditions))
        assert report.resumed_after == 0
        assert report.lines >= 3 * LINES_AT_ONCE

    def test_a_file_that_has_grown_is_gone_on_with(self, tmp_path: Path, file: Path, store: SmallDisk) -> None:
        """The lines that came are taken with the rest."""
        with file.open("ab") as more:
            more.write('{"id": "late", "text": "закат над морем, тихие волны"}\n'.encode())
        report = take(store, file, tmp_path)
        assert (report.resumed_after, report.lines) == (2 * LINES_AT_ONCE, 3 * LINES_AT_ONCE + 1)
        assert store.get(["late"]) != [None]


class TestProcesses:
    @pytest.fixture(autouse=True)
    def early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.reading.reader_pool.ALONE", EARLY)

    def test_processes_read_what_one_reads(self, tmp_path: Path) -> None:
        """Lines that are read elsewhere give the same Documents, letters and counts in the same order."""
        file = write_posts(tmp_path / "posts.ndjson", MANY)
        one, two = ReferenceStore(), ReferenceStore()
        apart = make_pipeline(two, apart=True)
        reports = [take(one, file, tmp_path / "one"), take(two, file, tmp_path / "two", apart)]
        assert documents(one) == documents(two)
        assert reports[0].counts() == reports[1].counts()
        letters = [(tmp_path / name / "rejected.ndjson").read_text("utf-8") for name in ("one", "two")]
        assert letters[0] == letters[1]

    def test_an_error_in_the_store_ends_the_processes(self, tmp_path: Path) -> None:
        """Whoever stops early leaves nothing running."""
        file = write_posts(tmp_path / "posts.ndjson", MANY)
        store = SmallDisk(EARLY + 4)
        with pytest.raises(StoreFull):
            take(store, file, tmp_path, make_pipeline(store, apart=True))


def test_a_position_counts_by_line(tmp_path: Path) -> None:
    """A source gives what comes after a line, whatever the number of lines before it that were blank."""
    file = tmp_path / "posts.ndjson"
    file.write_bytes(b"\n\n{}\n\n[]\n")
    assert list(NdjsonSource(file).lines(3)) == [InputLine(5, b"[]")]
