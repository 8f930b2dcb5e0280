"""An app asked without a client in between: several at once, and bodies that come as a test wants them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import orjson
from fastapi import FastAPI

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Answer(NamedTuple):
    """What was answered."""

    status: int
    headers: dict[bytes, bytes]
    body: dict[str, Any]


def whole(body: bytes) -> Receive:
    """A body that comes in one piece, from a client that stays."""
    parts = iter([{"type": "http.request", "body": body}])

    async def receive() -> dict[str, Any]:
        return next(parts, None) or await asyncio.Future()

    return receive


async def answered(
    app: FastAPI,
    address: str,
    receive: Receive,
    media: str = "application/json",
    *,
    method: str = "POST",
    length: int = 0,
) -> Answer:
    """Ask from this machine, with a body that comes as `receive` gives it and announces a length."""
    sent: list[Any] = []
    ended = asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)
        if message.get("body"):
            ended.set()

    headers = [(b"content-type", media.encode()), (b"host", b"127.0.0.1")]
    scope = {
        "type": "http",
        "method": method,
        "path": address.partition("?")[0],
        "query_string": address.partition("?")[2].encode(),
        "headers": [*headers, (b"content-length", b"%d" % length)] if length else headers,
        "client": ("127.0.0.1", 50000),
    }
    asked, told = asyncio.create_task(app(scope, receive, send)), asyncio.create_task(ended.wait())
    try:  # the app may go on with what the client still sends
        await asyncio.wait({asked, told}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            await asked
    finally:
        asked.cancel()
        told.cancel()
        await asyncio.gather(asked, told, return_exceptions=True)
    return Answer(sent[0]["status"], dict(sent[0]["headers"]), orjson.loads(sent[1]["body"]))
