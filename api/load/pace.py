"""The pace of those who send: a body has a least rate, and nobody is waited for when the service stops."""

import time
from contextlib import suppress
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
        whole = slow = False

        async def paced() -> Message:
            nonlocal left, whole, slow
            if whole:
                return await receive()
            if self._stop.over:
                raise Stopping
            start = time.monotonic()
            try:
                message = await self._stop.waiting(receive(), left)
            except TimeoutError:
                slow = True
                raise Stopping if self._stop.over else TooSlow from None
            left = min(most, left - (time.monotonic() - start) + len(message.get("body", b"")) / self._rate)
            whole = not message.get("more_body", False)
            return message

        async def lingering(message: Message) -> None:
            """Answer, and let the client send what it has begun: to hang up on it may destroy what it was answered."""
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if whole or slow or not last or self._stop.over or not _has_body(scope):
                await send(message)
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                await self._stop.waiting(_rest(receive), self._seconds)
            await send({"type": "http.response.body"})

        await self._app(scope, paced, lingering)


def _has_body(scope: Scope) -> bool:
    names = [name for name, value in scope["headers"] if value != b"0"]
    return b"content-length" in names or b"transfer-encoding" in names


async def _rest(receive: Receive) -> None:
    """Read what is left of a body that nobody wants any more."""
    while (await receive()).get("more_body", False):
        pass
