"""The background check: a home that is served is read through now and then, slowly, in a process of its own."""

import fcntl
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from api.telemetry.damage import Damage
from photosense.settings import Settings
from photosense.soundness.note import LastCheck, last_check

_TURN: Final = "check.turn"
_FIRST: Final = 600.0  # seconds after a start
_AGAIN: Final = 60.0  # seconds between two looks at whether it is time
_MAPPED: Final = "files"  # what is damaged there is answered without a word
_log = logging.getLogger(__name__)


@contextmanager
def background_check(settings: Settings) -> Iterator[None]:
    """Check now and then as long as this lasts; of several processes of a home, one does."""
    over = threading.Event()

    def watch() -> None:
        if over.wait(_FIRST):
            return
        while not over.wait(_AGAIN):
            with suppress(OSError):  # a disk that takes nothing is told by whoever writes to it
                if is_due(settings, datetime.now(UTC)):
                    check_alone(settings, over)

    thread = threading.Thread(target=watch, name="photosense-check", daemon=True)
    if settings.check_hours:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if settings.check_hours:
            thread.join()


def is_due(settings: Settings, now: datetime) -> bool:
    """Whether the last check is so long ago as the settings want it."""
    last = last_check(settings)
    return last is None or abs(now - last.at) > timedelta(hours=settings.check_hours)


def check_alone(settings: Settings, over: threading.Event) -> LastCheck | None:
    """Check, unless another process of the home is about it; nobody waits for that."""
    file = os.open(settings.home / _TURN, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return check_apart(settings, over) if is_due(settings, datetime.now(UTC)) else None
    except BlockingIOError:
        return None
    finally:
        os.close(file)


def check_apart(settings: Settings, over: threading.Event) -> LastCheck | None:
    """Check once, and say in the log what is damaged; it ends at once when `over` is set."""
    command = [sys.executable, "-m", "photosense", "verify", "--gently", "--home", str(settings.home)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ}
    )
    while process.poll() is None:
        if over.wait(0.2):
            process.terminate()
            process.wait()
            return None
    last = last_check(settings)
    if last is None or process.returncode not in (0, 1):
        _log.warning("the home could not be checked (exit code %d): run `photosense verify`", process.returncode)
    elif last.damaged:
        _log.error("%s", last)
    return last


def damage_of(settings: Settings) -> Damage | None:
    """What the last check found, for whoever asks whether the service is ready."""
    last = last_check(settings)
    if last is None or not last.damaged:
        return None
    return Damage(f"{str(last)[0].upper()}{str(last)[1:]}.", serves=_MAPPED not in last.damaged)
