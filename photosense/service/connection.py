"""One client's connection, as uvicorn minds it, and what uvicorn does not mind: a client who dawdles is let go."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_READ: Final = 6  # times as long may a client take to read what waits for it


class Connection(HttpToolsProtocol):
    """Closes when the head of a request is not whole within so many seconds, or nobody reads its answer."""

    def __init__(self, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seconds = seconds
        self._clocks: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a first request."""
        super().connection_made(transport)
        self._start("head", self._seconds, transport.close)

    def data_received(self, data: bytes) -> None:
        """Begin to wait for a further request with its first byte; before, it may be kept alive without one."""
        if "head" not in self._clocks and (self.cycle is None or self.cycle.response_complete):
            self._start("head", self._seconds, self.transport.close)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Go on to the body, which has a least rate of its own."""
        self._end("head")
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """Wait until what was written is read."""
        super().pause_writing()
        self._start("answer", _READ * self._seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        self._end("answer")
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        for name in tuple(self._clocks):
            self._end(name)
        super().connection_lost(exc)

    def _start(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        self._clocks[name] = self.loop.call_later(seconds, do)

    def _end(self, name: str) -> None:
        if clock := self._clocks.pop(name, None):
            clock.cancel()
