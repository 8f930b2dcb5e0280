"""Fixtures of the tests of the command."""

from pathlib import Path

import pytest

from tests.support.command import Command


@pytest.fixture
def photosense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in an empty folder."""
    return Command(tmp_path, monkeypatch, capsys)
