"""Killed without warning, again and again: what was acknowledged is there, once, and the folder opens."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from qdrant.open_store import open_folder
from qdrant.points import StoredPoint
from tests.support.points import MODEL, TOPICS

KILLS = int(os.environ.get("PHOTOSENSE_TEST_KILLS", "8"))


class Journal:
    """What the writer said it had begun and what it said was done, kept outside of its reach."""

    def __init__(self) -> None:
        self.done: dict[str, tuple[str, int] | None] = {}
        self.begun: dict[str, list[tuple[str, int]]] = {}
        self.acknowledged = 0

    def read(self, output: str) -> None:
        """Take in what a writer said until it died; a line that was cut off does not count."""
        self.begun = {}
        for line in output[: output.rfind("\n") + 1].splitlines():
            match line.split():
                case ["try", kind, post, version]:
                    self.begun.setdefault(post, []).append((kind, int(version)))
                case [kind, post, version]:
                    self.acknowledged += 1
                    self.begun[post].pop(0)
                    self._note(kind, post, int(version))

    def _note(self, kind: str, post: str, version: int) -> None:
        before = self.done.get(post)
        if kind == "delete":
            self.done[post] = None
        elif kind == "store":
            self.done[post] = ("open", version)
        elif before is not None:
            self.done[post] = ("held", before[1])

    def allows(self, post: str, stored: StoredPoint | None) -> bool:
        """Whether the store may hold this: what was acknowledged, or what was begun and may have come to be."""
        state = None if stored is None else (stored.payload["vis"], stored.version)
        possible = [self.done.get(post)]
        for kind, version in self.begun.get(post, []):
            last = possible[-1]
            after = {"delete": None, "store": ("open", version), "hold": last and ("held", last[1])}
            possible.append(after[kind])
        return state in possible


def killed(folder: Path, seed: int, acknowledged: int, after: float) -> str:
    """Let a writer work until it had so much acknowledged and a moment longer, kill it, and give what it said."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.support.crash_writer", str(folder), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    lines: list[str] = []
    while sum(not line.startswith("try") for line in lines) < acknowledged:
        lines.append(writer.stdout.readline())
        assert lines[-1], "the writer ended by itself"
    time.sleep(after)
    writer.kill()
    lines.append(writer.stdout.read())
    writer.wait()
    writer.stdout.close()
    return "".join(lines)


def test_no_kill_loses_what_was_acknowledged(tmp_path: Path) -> None:
    """Eight kills, or as many as PHOTOSENSE_TEST_KILLS says, at random moments of writing to one folder."""
    folder, chance, journal = tmp_path / "store", random.Random(5), Journal()
    for kill in range(KILLS):
        journal.read(killed(folder, kill, chance.randrange(200), chance.uniform(0.0, 0.05)))
        store = open_folder(folder)
        points = list(store.scroll())
        assert max(Counter(point.id for point in points).values(), default=0) <= 1
        there = {point.id: point for point in points}
        wrong = [post for post in journal.done.keys() | there.keys() if not journal.allows(post, there.get(post))]
        assert wrong == [], f"after kill {kill}"
        assert store.active == MODEL
        assert all(point.theta is not None and point.theta.shape == (TOPICS,) for point in points)
        # What may have come to be, did or did not: from here on it is known.
        journal.done = {post: (point.payload["vis"], point.version) for post, point in there.items()}
        store.close()
    assert journal.acknowledged > 20 * KILLS, "the writer must have had something to lose"


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.05, 0.1])
def test_killed_while_it_is_made_a_store_is_whole_or_not_there(tmp_path: Path, moment: float) -> None:
    """Nobody finds a half-made store in the way."""
    folder = tmp_path / "store"
    script = "import qdrant.edge.engine, pathlib, sys; print(flush=True); from qdrant.open_store import open_folder; "
    script += "open_folder(pathlib.Path(sys.argv[1]))"
    maker = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert maker.stdout is not None
    maker.stdout.readline()
    time.sleep(moment)
    maker.kill()
    maker.wait()
    maker.stdout.close()
    store = open_folder(folder)
    assert store.count() == 0
    store.close()
