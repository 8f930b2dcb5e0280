"""Faults on purpose: the step that is named fails, in this process or in one that the environment arms."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from common.faults import VARIABLE, Fate, faults
from common.files import write_file

ROOT = Path(__file__).parents[2]
WRITE = "import sys, pathlib; from common.files import write_file; write_file(pathlib.Path(sys.argv[1]), 'new')"


def write_in_a_process(file: Path, wanted: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WRITE, str(file)],
        cwd=ROOT,
        env={**os.environ, VARIABLE: wanted},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_step_of_a_write_fails_in_turn(tmp_path: Path) -> None:
    """As many as there are; the file is the old one or the new one, and all is as before when it is over."""
    file, contents = tmp_path / "file", set()
    write_file(file, "old")
    with faults(Fate.FAIL, 10**6, tmp_path) as counted:
        write_file(file, "old")
    assert {name.split()[0] for name in counted.names} >= {"open", "fsync", "replace"}
    for number in range(1, counted.count + 1):
        with faults(Fate.FAIL, number, tmp_path) as armed, suppress(OSError):
            write_file(file, "new")
        assert armed.is_over
        contents.add(file.read_text())
        write_file(file, "old")
    assert contents == {"old", "new"}
    assert list(tmp_path.iterdir()) == [file]


def test_a_disk_that_stays_full_refuses_all_that_writes_and_nothing_else(tmp_path: Path) -> None:
    """What is read and what is removed goes on."""
    file = tmp_path / "file"
    write_file(file, "old")
    with faults(Fate.STAY, 1, tmp_path):
        for _ in range(3):
            with pytest.raises(OSError, match="on purpose"):
                file.write_text("new")
        assert file.read_text() == "old"
        file.unlink()


def test_steps_elsewhere_do_not_count(tmp_path: Path) -> None:
    """Those of one folder do."""
    (tmp_path / "home").mkdir()
    with faults(Fate.FAIL, 1, tmp_path / "home") as armed:
        write_file(tmp_path / "file", "new")
    assert armed.count == 0


def test_the_environment_arms_a_process(tmp_path: Path) -> None:
    """It fails, or is killed, at the step; without a number there is none."""
    file = tmp_path / "file"
    refused = write_in_a_process(file, f"fail 5 {tmp_path}")
    assert "step 5" in refused.stderr
    assert "OSError" in refused.stderr
    assert write_in_a_process(file, f"kill 5 {tmp_path}").returncode == -signal.SIGKILL
    assert not file.exists()
    assert "cannot be read: write 'fail 12 /srv/home'" in write_in_a_process(file, "fail").stderr
    assert write_in_a_process(file, f"fail 999 {tmp_path}").returncode == 0
    assert file.read_text() == "new"
