"""The door of a store: a socket beside its folder that only its user can open, and what goes through it."""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from qdrant.engine.codec import from_bytes, to_bytes
from qdrant.errors import StoreBusy, StoreDown

VERSION: Final = version("photosense")  # messages have no version of their own: both ends come from one package
_SOCKET, _LOG = "socket", "owner.log"
_LONGEST: Final = 100  # bytes of an address, on every system
_LENGTH: Final = struct.Struct("<I")
_PEER: Final = struct.Struct("3i")  # process, user, group


class Door:
    """Where the owner of a store listens; `mark` stands in the lock of a store whose owner does."""

    mark = "door"

    def __init__(self, store: Path) -> None:
        self.store = store.absolute()
        self.folder = self.store.with_name(f"{store.name}.door")

    @property
    def is_coming(self) -> bool:
        """Whether whoever has the store open opens a door, or is about to."""
        lock = self.store.with_name(f"{self.store.name}.lock")
        try:
            owner = lock.read_text().strip()
        except OSError:
            return False
        return not owner or owner.endswith(self.mark)  # nobody's name: taken this very moment, and not signed yet

    @property
    def log(self) -> Path:
        """Where an owner in a process of its own says what went wrong."""
        return self.folder / _LOG

    def make(self) -> None:
        """Make the folder that nobody else can look into."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise StoreDown(
                f"The folder {self.folder} cannot be used: {error.strerror}. Give a writable folder that is yours."
            ) from error

    def listen(self) -> socket.socket:
        """Open it; only who has the store open may, so that what lies there is of nobody."""
        self.make()
        (self.folder / _SOCKET).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        try:
            with self._address() as address:
                listener.bind(address)
            (self.folder / _SOCKET).chmod(0o600)
            listener.listen(128)
        except OSError as error:
            listener.close()
            raise StoreDown(f"{self.folder} cannot hold a socket: {error.strerror}. Put the home elsewhere.") from error
        return listener

    def remove(self) -> None:
        """Leave nothing behind, but a log that says something."""
        (self.folder / _SOCKET).unlink(missing_ok=True)
        with suppress(OSError):
            if not self.log.stat().st_size:
                self.log.unlink()
        with suppress(OSError):
            self.folder.rmdir()

    def connect(self) -> socket.socket | None:
        """Come in; None where nobody listens."""
        link = socket.socket(socket.AF_UNIX)
        try:
            with self._address() as address:
                link.connect(address)
        except OSError:
            link.close()
            return None
        if not is_own(link):
            link.close()
            raise StoreBusy(f"{self.folder} belongs to another user: run photosense as that user.")
        return link

    @contextmanager
    def _address(self) -> Iterator[str]:
        """The path of the socket, or a shorter one: systems take about a hundred bytes."""
        path = str(self.folder / _SOCKET)
        if len(os.fsencode(path)) <= _LONGEST or not Path("/proc/self/fd").is_dir():
            yield path
            return
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{folder}/{_SOCKET}"
        finally:
            os.close(folder)


def is_own(link: socket.socket) -> bool:
    """Whether the other end is a process of the same user; elsewhere than on Linux the folder's mode has to do."""
    if sys.platform != "linux":
        return True
    _, user, _ = _PEER.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return bool(user == os.geteuid())


def send(link: socket.socket, message: Any) -> None:
    """Send a message."""
    data = to_bytes(message)
    link.sendall(_LENGTH.pack(len(data)) + data)


def receive(link: socket.socket) -> Any:
    """Wait for a message; EOFError when the other end has gone."""
    return from_bytes(_exactly(link, _LENGTH.unpack(_exactly(link, _LENGTH.size))[0]))


def _exactly(link: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = link.recv_into(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return data
