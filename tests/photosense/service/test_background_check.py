"""The background check: what rots while it is served is noticed, and said where whoever looks after it looks."""

import fcntl
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from photosense.house import open_house
from photosense.service.background_check import check_alone, check_apart, damage_of, is_due
from photosense.settings import Settings
from photosense.soundness.home import home_verdicts
from photosense.soundness.note import last_check
from tests.support.command import Command
from tests.support.http_client import LOOPBACK, client_from
from tests.support.points import point


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of a few posts."""
    settings = Settings(home=tmp_path / "photosense-data")
    with open_house(settings) as house:
        house.store.upsert([point(f"p{number}") for number in range(3)])
    return settings


def rot(settings: Settings) -> Path:
    """Flip a byte of what the engine maps, as a disk does: nothing says that it was written."""
    file = max(settings.store_path.rglob("page_0.dat"), key=lambda file: file.stat().st_blocks)
    times = file.stat()
    with file.open("r+b") as pages:
        pages.seek(100)
        (byte,) = pages.read(1)
        pages.seek(100)
        pages.write(bytes([byte ^ 1]))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    return file


def test_what_is_mapped_and_rots_while_it_is_served_is_said(settings: Settings, photosense: Command) -> None:
    """In /readyz, in the status and by `verify`; by parts alone, for anybody may ask."""
    with open_house(settings) as house:
        assert photosense("verify").code == 0
        with client_from(house.app(), LOOPBACK) as client:
            assert client.get("/readyz").json() == {"status": "words_only"}
            file = rot(settings)
            outcome = photosense("verify")
            assert outcome.code == 1
            assert f"{file.name} changed while nothing was written." in outcome.out
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (503, "down")
            assert "found damage in files: `photosense verify` says what" in ready.json()["detail"]
            assert client.get("/healthz").status_code == 200
        assert "found damage in files" in photosense("status").out


def test_what_is_written_is_no_damage(settings: Settings) -> None:
    """Each check after a write sums up anew."""
    with open_house(settings) as house:
        for number in range(3):
            house.store.upsert([point(f"new{number}")])
            (files,) = (each for each in home_verdicts(settings) if each.part == "files")
            assert files.is_whole, files.faults
            assert "summed up, for the next check" in files.says
        (files,) = (each for each in home_verdicts(settings) if each.part == "files")
        assert "hold what they held at the last check" in files.says


def test_a_check_runs_apart_from_time_to_time_and_ends_with_the_service(settings: Settings) -> None:
    """What was damaged in a part that searches do not need leaves it ready."""
    over = threading.Event()
    assert is_due(settings, datetime.now(UTC))
    (settings.home / "ads.json").write_text("{")
    with (settings.home / "check.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        assert check_alone(settings, over) is None, "another process is about it"
    last = check_alone(settings, over)
    assert last is not None
    assert last.damaged == ("advertisements",)
    damage = damage_of(settings)
    assert damage is not None
    assert damage.serves
    assert not is_due(settings, datetime.now(UTC))
    assert check_alone(settings, over) is None
    assert is_due(settings, datetime.now(UTC) + timedelta(hours=25))
    over.set()
    assert check_apart(settings, over) is None
    assert last_check(settings) == last
