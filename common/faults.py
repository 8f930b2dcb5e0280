"""Faults on purpose: the i-th step of a process fails, so that a loop over i shows what is left after each.

Steps are what goes through the operating system (files below one folder, sockets) and calls of the engine. Armed by the
environment, `PHOTOSENSE_FAULTS="fail 12 /srv/home"`, or by a test; where it is not, nothing of it stands in the way.
"""

import builtins
import errno
import io
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Final

VARIABLE: Final = "PHOTOSENSE_FAULTS"
_log = logging.getLogger(__name__)


class Fate(Enum):
    """What becomes of the step."""

    FAIL = "fail"  # this one alone
    STAY = "stay"  # this one and all that write after it, as on a disk that is full
    KILL = "kill"  # the process goes with it, as by kill -9


class Faults:
    """Counts steps, and lets one of them fail."""

    def __init__(self, mode: Fate, number: int, folder: Path) -> None:
        self.mode, self.number, self.count = mode, number, 0
        self.names: list[str] = []
        self.heard: Callable[[str, bool], None] = lambda _name, _writes: None  # told of each step, before it is taken
        self._folder = os.fspath(folder.absolute())
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether the step came."""
        return self.count >= self.number

    def is_below(self, path: Any) -> bool:
        """Whether a path, or a file that is open, lies in the folder whose steps count."""
        try:
            name = _name_of(path)
        except (OSError, TypeError):
            return False
        return os.path.abspath(name).startswith(self._folder)  # noqa: PTH100 - Path's own steps come through here

    def step(self, name: str, error: Callable[[], Exception], *, writes: bool) -> None:
        """Count a step; raise where it is the one that fails."""
        with self._lock:
            self.count += 1
            self.names.append(name)
            self.heard(name, writes)
            over = self.mode is Fate.STAY and writes and self.count > self.number
            if self.count != self.number and not over:
                return
        if self.mode is Fate.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        raise error()


_armed: Faults | None = None
_for_good: Final = ExitStack()  # of what the environment armed


@contextmanager
def faults(mode: Fate, number: int, folder: Path) -> Iterator[Faults]:
    """Let the i-th step below a folder fail as long as this lasts; one after the other, never two at once."""
    global _armed
    own = Faults(mode, number, folder)
    before = [(place, name, getattr(place, name)) for place, name in _places()]
    try:
        for place, name, call in before:
            setattr(place, name, _watched(own, place, name, call))
        _armed = own
        yield own
    finally:
        _armed = None
        for place, name, call in before:
            setattr(place, name, call)


def engine_step(name: str) -> None:
    """Say that the engine is about to be called."""
    if _armed is not None:
        _armed.step(f"engine {name}", lambda: Exception(f"{name} failed on purpose"), writes=name in _ENGINE_WRITES)


def arm_by_environment() -> None:
    """Arm what the environment names, for as long as the process lives."""
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    try:
        mode, number, folder = wanted.split(" ", 2)
        armed = faults(Fate(mode), int(number), Path(folder))
    except ValueError:
        raise SystemExit(f"{VARIABLE}={wanted!r} cannot be read: write 'fail 12 /srv/home', or unset it.") from None
    _log.warning("%s is set: step %s in %s will %s on purpose", VARIABLE, number, folder, mode)
    _for_good.enter_context(armed)


_FILES: Final[Mapping[Any, str]] = {
    builtins: "open",
    io: "open",
    os: "open write pwrite fsync fdatasync replace rename link mkdir unlink ftruncate",
}
_LINKS: Final = "sendall recv_into connect"
_ENGINE_WRITES: Final = frozenset({"update", "flush"})


def _places() -> Iterator[tuple[Any, str]]:
    for place, names in _FILES.items():
        yield from ((place, name) for name in names.split())
    yield from ((socket.socket, name) for name in _LINKS.split())


def _watched(own: Faults, place: Any, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, which counts as a step first."""
    if place is socket.socket:

        def link_step(*args: Any, **options: Any) -> Any:
            own.step(f"socket {name}", lambda: ConnectionResetError(errno.ECONNRESET, "reset on purpose"), writes=False)
            return call(*args, **options)

        return link_step

    def file_step(path: Any, *args: Any, **options: Any) -> Any:
        if own.is_below(path):
            own.step(f"{name} {_base(path)}", lambda: _broken(name), writes=_writes(name, args, options))
        return call(path, *args, **options)

    return file_step


def _writes(name: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
    """Whether a full disk is in its way: opening for reading, removing and cutting are not."""
    if name != "open":
        return name not in ("unlink", "ftruncate", "rename", "replace")
    mode = options.get("mode", args[0] if args else "r")
    return bool(mode & (os.O_CREAT | os.O_TRUNC)) if isinstance(mode, int) else any(sign in mode for sign in "wax+")


def _broken(name: str) -> OSError:
    number = errno.ENOSPC if name in ("write", "pwrite") else errno.EIO
    return OSError(number, f"{os.strerror(number)} on purpose")


def _base(path: Any) -> str:
    return os.path.basename(_name_of(path))  # noqa: PTH119


def _name_of(path: Any) -> str:
    """The path of a file, also of one that is open."""
    return os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.fsdecode(os.fspath(path))  # noqa: PTH115
