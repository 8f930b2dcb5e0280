"""Fixtures of the tests of the command."""

import shutil
from pathlib import Path

import pytest

from tests.support.command import Command


@pytest.fixture
def photosense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in an empty folder."""
    return Command(tmp_path, monkeypatch, capsys)


@pytest.fixture
def home(taught: Path, tmp_path: Path) -> Path:
    """A copy of the home that a module's `taught` gives, under its default name where the command runs."""
    home = tmp_path / "photosense-data"
    shutil.copytree(taught, home)
    return home
