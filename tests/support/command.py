"""The command `photosense` as a person runs it: arguments in; exit code, output and errors out."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from photosense.cli import main


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of the command left."""

    code: int
    out: str
    err: str


class Command:
    """Runs the command in a folder, without the settings of whoever runs the tests."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        _in_a_folder(patch, folder)
        self._patch = patch
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> Result:
        """Run it in this process."""
        self._capture.readouterr()
        code = _run(self._patch, arguments)
        return Result(code, *self._capture.readouterr())


def in_this_process(*arguments: str | Path, folder: Path, **environment: str) -> Result:
    """Run it in this process, for what is made once for many tests."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        _in_a_folder(patch, folder)
        for name, value in environment.items():
            patch.setenv(name, value)
        code = _run(patch, arguments)
    return Result(code, out.getvalue(), err.getvalue())


def _in_a_folder(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Without the settings of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("PHOTOSENSE_"):
            patch.delenv(name)
    patch.setenv("COLUMNS", "300")
    patch.chdir(folder)


def _run(patch: pytest.MonkeyPatch, arguments: Sequence[str | Path]) -> int:
    patch.setattr(sys, "argv", ["photosense", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def in_a_process(*arguments: str | Path, folder: Path, module: str = "photosense", **environment: str) -> Result:
    """Run it in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOSENSE_")}
    ended = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "300", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)
