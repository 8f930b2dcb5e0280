"""A client who dawdles is let go, whether over its request or over the answer."""

import asyncio
from functools import partial
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from photosense.service.connection import Connection

WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Any, _: Any, send: Any) -> None:
    """Answer with as many bytes as the path says."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    body = bytes(int(scope["path"][1:] or 0))
    for at in range(0, len(body), 2**20):
        await send({"type": "http.response.body", "body": body[at : at + 2**20], "more_body": True})
    await send({"type": "http.response.body", "body": b"done"})


async def closed_after(*sent: bytes, seconds: float, wait: float = 0) -> bytes:
    """Send each of these once the one before is answered, and read until the connection is closed."""
    config = uvicorn.Config(app, lifespan="off", log_level="critical", timeout_keep_alive=3600)
    made = partial(Connection, config=config, server_state=ServerState(), app_state={}, seconds=seconds)
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=2**16)
    *answered, last = sent
    got = b""
    for part in answered:
        writer.write(part)
        got += await reader.readuntil(b"done\r\n0\r\n\r\n")
    writer.write(last)
    await asyncio.sleep(wait)
    try:
        async with asyncio.timeout(60):
            while part := await reader.read(2**16):
                got += part
    except ConnectionResetError:
        pass
    writer.close()
    server.close()
    return got


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["nothing", "a line", "half"]
)
def test_a_head_that_is_never_whole(sent: bytes) -> None:
    """The connection is closed without an answer."""
    assert asyncio.run(closed_after(sent, seconds=0.02)) == b""


def test_a_second_head_that_is_never_whole() -> None:
    """The first request was answered; the clock starts anew with the second."""
    got = asyncio.run(closed_after(WHOLE, b"GET / HT", seconds=0.1))
    assert got.count(b"200 OK") == 1


def test_an_answer_that_nobody_reads() -> None:
    """A client that asks for much and reads nothing is cut off, before all of it was sent."""
    got = asyncio.run(closed_after(WHOLE.replace(b"/ ", b"/64000000 ", 1), seconds=0.02, wait=0.3))
    assert 0 < len(got) < 64_000_000


def test_who_does_not_dawdle_is_served() -> None:
    """A whole answer, read as it comes, and then closed by the client's wish."""
    sent = WHOLE.replace(b"/ ", b"/8000000 ", 1).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert len(asyncio.run(closed_after(sent, seconds=60))) > 8_000_000
