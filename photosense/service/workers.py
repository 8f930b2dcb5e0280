"""Several processes that serve one home on one port: each is started anew when it dies, all end together."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from types import FrameType
from typing import Any, Final

from api.telemetry.metrics import SHARED, forget_worker
from api.telemetry.traces import traced
from photosense.errors import SetupError
from photosense.house import Company, open_house
from photosense.sentence import in_a_sentence
from photosense.server import make_server, until_told
from photosense.service.logs import write_logs
from photosense.service.served import ServedApp
from photosense.settings import load_settings

_COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from photosense.service.workers import main; main(*json.loads(sys.argv[2]))"
)
_PAUSE: Final = 1.0  # seconds between two starts of a worker
_GONE: Final = 2  # the exit code of what said why it cannot begin


class Workers:
    """Starts so many workers on a port that is open, and keeps them until it is told to stop."""

    def __init__(self, listener: socket.socket, count: int, given: Mapping[str, Any]) -> None:
        """`given` are the settings of the command line; all others a worker reads as we did."""
        self._listener = listener
        self._given = {name: str(value) for name, value in given.items() if value is not None}
        self._alive, self._ours = os.pipe()  # a worker whose end of it is closed has nobody to serve for
        self._processes: list[subprocess.Popen[bytes]] = []
        self._count = count
        self._stop = threading.Event()
        self._figures = tempfile.TemporaryDirectory(prefix="photosense-figures-")  # each leaves its own there

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C; a second Ctrl-C waits for nobody."""
        before = {number: signal.signal(number, self._tell) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._processes = [self._start() for _ in range(self._count)]
            while not self._stop.wait(_PAUSE):
                self._replace()
            self._end()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._ours)
            os.close(self._alive)
            self._figures.cleanup()

    def _start(self) -> subprocess.Popen[bytes]:
        arguments = json.dumps([self._listener.fileno(), self._alive, self._given])
        return subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", _COMMAND, json.dumps(sys.path), arguments],
            pass_fds=(self._listener.fileno(), self._alive),
            env={**os.environ, SHARED: self._figures.name},
            start_new_session=True,  # Ctrl-C is for us, who hand it on
        )

    def _replace(self) -> None:
        for place, process in enumerate(self._processes):
            if (code := process.poll()) is None or self._stop.is_set():
                continue
            if code == _GONE:
                self._end()
                raise SetupError("A worker could not begin; it has said why.")
            forget_worker(process.pid, self._figures.name)
            self._processes[place] = self._start()

    def _tell(self, number: int, _: FrameType | None) -> None:
        for process in self._processes:
            process.send_signal(number if self._stop.is_set() else signal.SIGTERM)
        self._stop.set()

    def _end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            process.wait()


def main(listener: int, alive: int, given: Mapping[str, Any]) -> None:
    """Serve as one of several."""
    threading.Thread(target=_watch, args=(alive,), daemon=True).start()
    write_logs()
    with in_a_sentence(), until_told():
        settings = load_settings(given)[0]
        with (
            traced(settings.traces, settings.trace_share),
            open_house(settings, company=Company.APART) as house,
            socket.socket(fileno=listener) as own,
            ServedApp(house).following() as served,
        ):
            make_server(served, served.stop, settings).run(sockets=[own])


def _watch(alive: int) -> None:
    """End with whoever started us."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PAUSE)
