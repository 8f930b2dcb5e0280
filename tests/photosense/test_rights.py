"""Rights of a home: what an earlier version left open to others is closed by whoever opens it."""

from pathlib import Path

import pytest

from photosense.house import open_house
from photosense.rights import mend_rights
from photosense.settings import Settings


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_home_that_others_could_look_into_is_its_owners_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder and what lies in it; a line of the log says so, once."""
    home = tmp_path / "home"
    (home / "models").mkdir(parents=True)
    (home / "audit.ndjson").touch()
    home.chmod(0o755)
    (home / "models").chmod(0o750)
    (home / "audit.ndjson").chmod(0o644)
    (home / "elsewhere").symlink_to(tmp_path)
    before = mode(tmp_path)
    with open_house(Settings(home=home), with_model=False):
        pass
    assert (mode(home), mode(home / "models"), mode(home / "audit.ndjson")) == (0o700, 0o700, 0o600)
    assert mode(tmp_path) == before, "what a link leads to is another's"
    assert "could be looked into by others: it is its owner's alone now" in caplog.text
    caplog.clear()
    mend_rights(home)
    assert mend_rights(home) == []
    assert mend_rights(tmp_path / "nowhere") == []
    assert not caplog.records
