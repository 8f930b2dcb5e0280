"""A series of backups: what did not change lies once, the oldest go, each is whole by itself."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from photosense.backup.series import backups_in, next_place
from qdrant.open_store import open_folder
from tests.support.command import Command
from tests.support.points import point


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three posts, a small copy of a photo."""
    home = tmp_path / "photosense-data"
    store = open_folder(home / "store")
    store.upsert([point(f"p{number}") for number in range(3)])
    store.close()
    (home / "renditions" / "ab" / "cd").mkdir(parents=True)
    (home / "renditions" / "ab" / "cd" / "x-320.jpg").write_bytes(b"photo\xff\xd9")
    return home


def test_a_series_shares_what_did_not_change_and_keeps_the_latest(
    photosense: Command, home: Path, tmp_path: Path
) -> None:
    """Each one is restored by itself, though files of others are its own; by the folder's name it is the latest."""
    series = tmp_path / "series"
    assert photosense("backup", "series", "--keep", "2").code == 0
    second = photosense("backup", "series", "--keep", "2")
    assert "MB of it shared with the one before; 2 are kept." in second.out, second.err
    first, latest = backups_in(series)
    for name in ("home/renditions/ab/cd/x-320.jpg", "home/audit.ndjson"):
        assert (first / name).samefile(latest / name)
    store = open_folder(home / "store")
    store.upsert([point("p3")])
    store.close()
    assert "1 older ones went." in photosense("backup", "series", "--keep", "2").out
    assert backups_in(series)[0] == latest
    shutil.rmtree(home)
    outcome = photosense("restore", "series")
    assert (outcome.code, "4 posts are restored" in outcome.out) == (0, True), outcome.err
    assert "3 posts are restored" in photosense("restore", latest, "--home", "beside").out


@pytest.mark.usefixtures("home")
def test_a_folder_of_other_things_is_left_alone(photosense: Command, tmp_path: Path) -> None:
    """Nothing of it is taken for a backup that may go."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.txt").write_text("mine")
    outcome = photosense("backup", "mine", "--keep", "1")
    assert outcome.code == 2
    assert "holiday.txt lies there" in outcome.err
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["holiday.txt"]


def test_two_of_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    """Neither replaces the other."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    first = next_place(tmp_path, now)
    first.mkdir()
    assert [first.name, next_place(tmp_path, now).name] == ["2026-01-02T03-04-05Z", "2026-01-02T03-04-05Z-1"]
    assert backups_in(tmp_path) == []
