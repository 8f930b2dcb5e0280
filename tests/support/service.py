"""The service as it really runs: `photosense serve`, a process of its own, spoken to over a socket."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60  # until a test gives up: nothing here is that slow


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """A process that serves, and its port."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def listens(self) -> bool:
        """Whether it takes connections."""
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def tell(self, number: signal.Signals) -> None:
        """Send a signal, and wait until no connection is taken any more."""
        self.process.send_signal(number)
        until(lambda: not self.listens())

    def end(self) -> tuple[int, str]:
        """Wait for its end: the exit code, and what it said on stderr."""
        _, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, err.decode()


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[ServiceProcess]:
    """Serve in a folder until the block ends, with these settings."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOSENSE_")}
    given = {f"PHOTOSENSE_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "photosense", "serve", "--port", str(port)],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "300", **given},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    service = ServiceProcess(process, port)
    try:
        until(lambda: service.listens() or process.poll() is not None)
        yield service
    except BaseException as error:
        process.kill()
        _, err = process.communicate()
        error.add_note(f"The service said:\n{err.decode()}")
        raise
    finally:
        process.kill()
        process.communicate()


def until(met: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + SECONDS
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)
