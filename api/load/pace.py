"""The pace of those who send: a body has a least rate, and nobody is waited for when the service stops."""

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import STREAMED
from api.errors import Stopping, TooSlow
from api.load.stop import Stop

_STREAM: Final = 6  # times as long may the site be silent within a stream: it may be reading what it sends


class Pace:
    """Middleware that waits so many seconds for a client who is silent, or slower than so many bytes a second."""

    def __init__(self, app: ASGIApp, stop: Stop, seconds: float, rate: float) -> None:
        self._app = app
        self._stop = stop
        self._seconds = seconds
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for each part of the body; only what the client takes counts, not what is done with it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = left = self._seconds * (_STREAM if scope["path"] == STREAMED else 1)
        whole = False

        async def paced() -> Message:
            nonlocal left, whole
            if whole:
                return await receive()
            if self._stop.over:
                raise Stopping
            start = time.monotonic()
            try:
                message = await self._stop.waiting(receive(), left)
            except TimeoutError:
                raise Stopping if self._stop.over else TooSlow from None
            left = min(most, left - (time.monotonic() - start) + len(message.get("body", b"")) / self._rate)
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, paced, send)
