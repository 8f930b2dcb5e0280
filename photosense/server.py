"""Serving: one process, one worker, on a port that is free, until it is told to stop, which it does in order."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, Final, NoReturn

import uvicorn
from starlette.types import ASGIApp

from api.access.key_file import KeyFile
from api.load.stop import Stop
from photosense.errors import SetupError
from photosense.service.connection import Connection
from photosense.settings import Settings

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_LAST_WORDS: Final = 1.0  # seconds for those who were just told that it is over
_THREADS: Final = 1.0  # seconds that a thread may go on after everything is closed


def listen(host: str, port: int, tries: int = 1) -> socket.socket:
    """Take a port, or one of the next `tries - 1`; the socket is kept open, so that nobody takes it in between."""
    for candidate in range(port, min(port + tries, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise SetupError(f"Cannot listen on {host}:{candidate}: {error.strerror}.") from None
    upto = f" to {port + tries - 1}" if tries > 1 else ""
    raise SetupError(f"Port {port}{upto} on {host} is in use: choose another with --port or PHOTOSENSE_PORT.")


def check_exposure(settings: Settings) -> None:
    """Refuse to let everybody on the network write posts, and to begin with keys that cannot be read."""
    keys = KeyFile(settings.keys_path).keys()
    if settings.api_key is None and not keys and settings.host not in ("127.0.0.1", "::1", "localhost"):
        raise SetupError(
            f"Listening on {settings.host} without a key would leave the host site's backend locked out: "
            "make one with `photosense keys create`, set PHOTOSENSE_API_KEY, or listen on 127.0.0.1."
        )


def make_server(app: ASGIApp, stop: Stop, settings: Settings) -> uvicorn.Server:
    """Build the server; proxies' headers are read by the service itself, and only where they are trusted."""
    config = uvicorn.Config(
        app,
        http=partial(Connection, seconds=settings.client_seconds),  # type: ignore[arg-type]  # called like a class
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
    )
    return _Server(config, stop, settings.stop_seconds)


@contextmanager
def until_told() -> Iterator[None]:
    """End the block, with all that it has to close, on SIGTERM as on Ctrl-C, and the process with 0.

    Whoever serves within it takes the signals meanwhile. One that comes while things are closed interrupts nothing.
    """

    def end(*_: Any) -> NoReturn:
        _ignore()
        raise SystemExit(0)

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not signal.SIG_IGN:  # told once, it ends: no further signal changes how
                signal.signal(number, handler)
    _leave()


class _Server(uvicorn.Server):
    """Ends what is under way within its time, tells those who still send that it is over, and breaks off the rest."""

    def __init__(self, config: uvicorn.Config, stop: Stop, seconds: int) -> None:
        super().__init__(config)
        self._stop = stop
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving; afterwards everything is closed, which no second signal interrupts."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            if self.should_exit:
                _ignore()

    def handle_exit(self, sig: int, _: FrameType | None) -> None:
        """Begin to stop; a second Ctrl-C waits for nobody."""
        if self.should_exit and sig == signal.SIGINT and self._loop:
            self._loop.call_soon_threadsafe(self._break_off)
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no connection any more and wait for those that are open, as long as there is time."""
        loop = asyncio.get_running_loop()
        loop.call_later(self._seconds, self._stop.now)
        loop.call_later(self._seconds + _LAST_WORDS, self._break_off)
        await super().shutdown(sockets)

    def _break_off(self) -> None:
        """Wait for nobody any more; what is broken off by us is no failure that a log should tell of."""
        self.force_exit = True
        logging.getLogger("uvicorn.error").disabled = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _ignore() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _leave() -> None:
    """Leave with 0, everything being closed, where a thread would keep the process from ending."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(_THREADS)
    if any(thread is not threading.current_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
