"""Where memory tends is told whatever a kill takes away for a moment; what was waited for stands in its time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.load.vitals import look, processes_of, quantiles, slope


def test_a_trend_is_that_of_the_warm_part_and_no_kill_bends_it() -> None:
    """Ten MB an hour stay ten where every tenth look fell into a kill, and a cold start counts for nothing."""
    times = [float(second) for second in range(600)]
    values = [500 + at / 360 - (300 if at % 10 == 0 else 0) - (400 if at < 60 else 0) for at in times]
    assert slope(times, values) == pytest.approx(10, rel=0.05)
    assert slope(times, [7.0] * 600) == 0
    assert slope([1.0], [5.0]) == 0


def test_what_was_waited_for_stands_in_its_stretch() -> None:
    """Each five seconds by themselves."""
    assert list(quantiles([(0.5, 10), (4.9, 20), (11, 7)], 5, 1.0)) == [(2.5, 20.0), (12.5, 7.0)]


def test_processes_of_a_home_are_found_by_what_they_were_told(tmp_path: Path) -> None:
    """By their environment, whoever their parent is; with what they hold."""
    held = "import sys; file = open(sys.executable, 'rb'); print('here', flush=True); sys.stdin.read()"
    environment = {**os.environ, "PHOTOSENSE_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", held], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        assert processes_of(tmp_path) == [process.pid]
        vital = look(tmp_path, 0.0)
        process.communicate()
    assert (vital.processes, vital.descriptors >= 4, vital.memory_mb > 1) == (1, True, True)
    assert processes_of(tmp_path) == []
