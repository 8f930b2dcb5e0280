"""Servers in processes of their own: the product as its command starts it, and a route that does nothing."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Response

from api.load.stop import Stop
from photosense.server import listen, make_server
from photosense.settings import Settings

_START, _STOP = 120, 30  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """One that answers."""

    port: int
    process: int
    start_s: float

    def memory_mb(self) -> float:
        """What it and the processes that it started take, what they share counted once; 0 where nobody can tell."""
        return sum(map(_proportional_kb, _family(self.process))) / 1024


@contextmanager
def product(home: Path, environment: Mapping[str, str], workers: int = 1) -> Iterator[Server]:
    """Serve a home."""
    more = ["--workers", str(workers)] if workers > 1 else []
    with _running(["-m", "photosense", "serve", "--home", str(home), *more], "/readyz", environment) as server:
        yield server


@contextmanager
def empty() -> Iterator[Server]:
    """Serve a route that does nothing."""
    with _running(["-m", "benchmarks.load.servers"], "/healthz") as server:
        yield server


@contextmanager
def _running(command: Sequence[str], address: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    with listen("127.0.0.1", 0) as listener:
        port = int(listener.getsockname()[1])
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command, "--port", str(port)], env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}{address}", process)
        yield Server(port, process.pid, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit("The server did not start: see its message above.")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"The server did not answer within {_START} seconds: see whether something else keeps it busy.")


def _family(process: int) -> list[int]:
    """A process and those that it started, and they."""
    files = Path(f"/proc/{process}/task").glob("*/children")
    return [process, *(one for file in files for pid in file.read_text().split() for one in _family(int(pid)))]


def _proportional_kb(process: int) -> int:
    file = Path(f"/proc/{process}/smaps_rollup")
    lines = file.read_text().splitlines() if file.is_file() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _main(port: int) -> None:
    app = FastAPI()

    @app.get("/healthz")
    @app.post("/v1/search")
    async def nothing() -> Response:
        return Response(b"{}", media_type="application/json")

    make_server(app, Stop(), Settings()).run(sockets=[listen("127.0.0.1", port)])


if __name__ == "__main__":
    _main(int(sys.argv[-1]))
