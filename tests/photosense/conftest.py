"""Fixtures of the tests of the command."""

from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.folders import copy_home


@pytest.fixture
def photosense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in an empty folder."""
    return Command(tmp_path, monkeypatch, capsys)


@pytest.fixture
def home(taught: Path, tmp_path: Path) -> Path:
    """A copy of the home that a module's `taught` gives, under its default name where the command runs."""
    return copy_home(taught, tmp_path / "photosense-data")
