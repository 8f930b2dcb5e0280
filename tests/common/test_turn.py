"""A turn: one at a time, among threads and among processes, and nobody takes it along when he dies."""

import subprocess
import sys
import threading
from pathlib import Path

from common.turn import Turn

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, pathlib
from common.turn import Turn
with Turn(pathlib.Path(sys.argv[1])):
    print("has", flush=True)
    sys.stdin.read()
"""


def test_threads_take_turns(tmp_path: Path) -> None:
    """What one reads stands until it has written."""
    turn, counts = Turn(tmp_path / "turn"), [0]

    def count() -> None:
        for _ in range(300):
            with turn:
                seen = counts[0]
                counts[0] = seen + 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1200]


def test_processes_take_turns_and_a_killed_one_hands_it_on(tmp_path: Path) -> None:
    """Who waits has it as soon as the other is gone, however that ended."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "turn")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"has\n"
    had = threading.Event()

    def take() -> None:
        with Turn(tmp_path / "turn"):
            had.set()

    thread = threading.Thread(target=take)
    thread.start()
    assert not had.wait(0.1)
    holder.kill()
    holder.communicate()
    thread.join()
    assert had.is_set()
