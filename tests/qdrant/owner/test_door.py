"""The door: only its user can open it, and only with the same photosense in hand."""

import errno
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qdrant.errors import StoreBusy
from qdrant.owner.door import Door, receive, send
from qdrant.owner.doorkeeper import FAILED, HELLO
from qdrant.owner.engine import OwnedEngine
from qdrant.owner.open_engine import OpenEngine


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """The open door of an empty store."""
    door = Door(tmp_path / "store")
    with closing(OpenEngine(door)):
        yield door


def test_only_its_user_can_open_it(door: Door) -> None:
    """Nobody else gets as far as the socket."""
    assert stat.S_IMODE(door.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((door.folder / "socket").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_not_answered(door: Door) -> None:
    """Even where the folder was opened to everybody: the other end is asked who it is."""
    door.folder.chmod(0o777)
    (door.folder / "socket").chmod(0o777)
    script = "import os, socket; link = socket.socket(socket.AF_UNIX); os.setuid(65534); link.connect('socket'); "
    script += "print(link.recv(1))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=door.folder)
    assert (ended.stdout.strip(), ended.stderr) == ("b''", "")


def test_another_version_is_told_so(door: Door) -> None:
    """Messages are of one version: an update begins with the processes that still run."""
    link = door.connect()
    assert link is not None
    with link:
        send(link, [HELLO, "0.0.1", "somebody"])
        kind, error, sentence = receive(link)
    assert (kind, error) == (FAILED, StoreBusy.__name__)
    assert "this is photosense 0.0.1: stop what runs there" in sentence


def test_who_says_nothing_of_ours_is_let_go(door: Door) -> None:
    """Bytes that are no message end the connection, and nothing else."""
    for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"\x01\x00\x00\x00\xc1", b"\x02\x00\x00\x00\x92\x01"):
        link = door.connect()
        assert link is not None
        with link:
            link.sendall(rubbish)
            link.shutdown(socket.SHUT_WR)
            assert link.recv(1) == b""
    link = door.connect()
    assert link is not None
    link.close()


class Crowded(socket.socket):
    """A listener for which there is no file at first."""

    is_crowded = True

    def accept(self) -> tuple[socket.socket, Any]:
        if self.is_crowded:
            self.is_crowded = False
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_a_moment_of_too_many_open_files_does_not_close_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes then waits for a moment; once nobody listened any more, and whoever came waited for ever."""
    listen = Door.listen
    monkeypatch.setattr(Door, "listen", lambda door: Crowded(fileno=listen(door).detach()))
    door = Door(tmp_path / "store")
    with closing(OpenEngine(door)):
        link = door.connect()
        assert link is not None
        link.settimeout(60)
        with closing(OwnedEngine(door, lambda: link)) as guest:
            assert guest.count(None) == 0


def test_a_home_far_down_has_a_door(tmp_path: Path) -> None:
    """A socket's path may have about a hundred bytes; that of a home is as long as it is."""
    door = Door(tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8) / "store")
    with closing(OpenEngine(door)):
        link = door.connect()
        assert link is not None
        link.close()


def test_where_nobody_is_nobody_answers(tmp_path: Path) -> None:
    """Neither where there never was a door, nor where an owner was killed and left its socket."""
    door = Door(tmp_path / "store")
    assert door.connect() is None
    with door.listen():
        link = door.connect()
        assert link is not None
        link.close()
    assert door.connect() is None


def test_who_has_taken_the_lock_and_not_signed_it_is_coming(tmp_path: Path) -> None:
    """Whoever starts at the same moment waits for them; only somebody who needs the store alone is in the way."""
    door, lock = Door(tmp_path / "store"), tmp_path / "store.lock"
    assert not door.is_coming
    for owner, is_coming in {"": True, f"17 {door.mark}\n": True, "17 training\n": False}.items():
        lock.write_text(owner)
        assert door.is_coming is is_coming


def test_several_ask_at_once(door: Door) -> None:
    """Each gets the answer to its own question."""

    def no_start() -> socket.socket:
        link = door.connect()
        assert link is not None
        return link

    engine, wrong = OwnedEngine(door, no_start), list[str]()

    def ask(field: str) -> None:
        for _ in range(50):
            if engine.tally([], None) != (0, []) or engine.count(None) != 0 or engine.any(None):
                wrong.append(field)

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close()
    assert wrong == []
