"""Starting an owner in a process of its own, which ends when nobody is there any more."""

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import qdrant.errors
from qdrant.errors import StoreBusy, StoreDown, StoreError
from qdrant.owner.door import Door
from qdrant.owner.open_engine import OpenEngine

_COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from qdrant.owner.start import main; main(sys.argv[2])"
)
_FIRST, _OTHERS = 30.0, 2.0  # seconds for whoever started it to come, and for others when those who came are gone
_PATIENCE: Final = 120.0  # seconds for another owner to open the store, or to close it
_PAUSE: Final = 0.02
_SWITCH: Final = (
    0.001  # seconds that one client's thread has Python's lock while others wait: answers take about as long
)
_LONGEST_LOG: Final = 1 << 20


def link_to(door: Door, start: Callable[[Door], None]) -> socket.socket:
    """Come in through a door; where there is nobody, an owner is started."""
    until = time.monotonic() + _PATIENCE
    while (link := door.connect()) is None:
        if time.monotonic() > until:
            raise StoreDown(f"Nobody opens the door of {door.store}: {door.log} may say why.")
        start(door)
    return link


def start_apart(door: Door) -> None:
    """Start an owner, and wait until it is there, or another one is."""
    door.make()
    try:
        log = door.log.open("ab")
    except FileNotFoundError:  # the owner before leaves nothing behind, this very moment
        return
    with log:
        if log.tell() > _LONGEST_LOG:
            log.truncate(0)
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", _COMMAND, json.dumps(sys.path), str(door.store)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=door.store.parent,
            start_new_session=True,  # Ctrl-C is for whoever started it
        )
    threading.Thread(target=process.wait, name="owner", daemon=True).start()  # so that nothing is left when it ends
    said = process.stdout.readline() if process.stdout else b""
    if process.stdout:
        process.stdout.close()
    if not said:
        raise StoreDown(f"The process that opens the store {door.store} ended before it began: see {door.log}.")
    kind, sentence = json.loads(said)
    if kind:
        raise getattr(qdrant.errors, kind, StoreError)(sentence)


def main(path: str) -> None:
    """Own a store until everybody has gone."""
    door = Door(Path(path))
    logging.basicConfig(format="%(asctime)s %(process)d %(message)s")
    sys.setswitchinterval(_SWITCH)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # those who use it are told as well, and it ends with the last of them
    try:
        engine = opened(door)
    except StoreError as error:
        _say(type(error).__name__, str(error))
        return
    _say("", "")
    sys.stdout.close()
    if engine is not None:
        engine.serve(_FIRST, _OTHERS)


def opened(door: Door) -> OpenEngine | None:
    """Open the store and its door; None where another owner was faster."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return OpenEngine(door)
        except StoreBusy:
            if not door.is_coming or time.monotonic() > until:
                raise
        if (link := door.connect()) is not None:
            link.close()
            return None
        time.sleep(_PAUSE)


def _say(kind: str, sentence: str) -> None:
    print(json.dumps([kind, sentence]), flush=True)
