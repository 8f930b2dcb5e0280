"""The command `photosense` as a person runs it: arguments in; exit code, output and errors out."""

import os
import subprocess
import sys
from dataclasses import dataclass
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
        for name in os.environ:
            if name.startswith("PHOTOSENSE_"):
                patch.delenv(name)
        patch.setenv("COLUMNS", "300")
        patch.chdir(folder)
        self._patch = patch
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> Result:
        """Run it in this process."""
        self._capture.readouterr()
        self._patch.setattr(sys, "argv", ["photosense", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capture.readouterr()
        return Result(int(ended.value.code or 0), out, err)


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
