"""A bulk is answered while it is sent, and whoever reads late, or not at all, keeps nobody waiting."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.bulk import stream
from api.settings import ServiceSettings
from tests.support.reference_store import ReferenceStore

Send = Callable[[Any], Awaitable[None]]
LONG = 60.0  # seconds until a test that hangs fails


def body_of(first: int, last: int) -> bytes:
    return b"".join(b'{"id": "p%d", "text": "sea wave beach surf %d"}\n' % (n, n) for n in range(first, last))


def app_with(**settings: Any) -> FastAPI:
    return create_app(ServiceSettings(**settings), Parts(ReferenceStore()))


async def ask(app: FastAPI, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    """Send a bulk as a test gives it, and hand what is answered to the test as it comes."""
    headers = [(b"content-type", b"application/x-ndjson"), (b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "POST", "path": "/v1/posts:bulk", "query_string": b"", "headers": headers}
    await asyncio.wait_for(app({**scope, "client": ("127.0.0.1", 50000)}, receive, send), LONG)


class Client:
    """Sends parts one by one, each once it was answered what it waits for, and keeps the lines of the answer."""

    def __init__(self, parts: list[tuple[int, bytes]]) -> None:
        self._parts = parts
        self._came = asyncio.Condition()
        self.status = 0
        self.text = b""

    @property
    def results(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    async def receive(self) -> Any:
        if not self._parts:
            return await asyncio.Event().wait()
        answered, part = self._parts.pop(0)
        async with self._came:
            await self._came.wait_for(lambda: len(self.results) >= answered)
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

    async def send(self, message: Any) -> None:
        async with self._came:
            self.status = message.get("status", self.status)
            self.text += message.get("body", b"")
            self._came.notify_all()


def test_a_line_is_acknowledged_while_later_ones_are_sent() -> None:
    """The client sends the next batch only when it was told that the one before is safe; it would hang otherwise."""
    parts = [(64 * n, body_of(64 * n, 64 * n + 64)) for n in range(3)]
    client = Client([*parts, (192, b"")])
    asyncio.run(ask(app_with(), client.receive, client.send))
    assert client.status == 200
    assert [result["line"] for result in client.results] == list(range(1, 193))
    assert {result["status"] for result in client.results} == {"stored"}


def test_what_waits_for_more_is_stored_when_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow sender learns of its few lines as well."""
    monkeypatch.setattr(stream, "QUIET", 0.01)
    client = Client([(0, body_of(0, 2)), (2, body_of(2, 3)), (3, b"")])
    asyncio.run(ask(app_with(), client.receive, client.send))
    assert [result["id"] for result in client.results] == ["p0", "p1", "p2"]


def test_who_reads_when_all_is_sent_is_answered() -> None:
    """Nothing is read of the answer before the last byte is sent, and the service takes it all the same."""
    parts = [body_of(64 * n, 64 * n + 64) for n in range(4)]
    sent = asyncio.Event()
    lines: list[bytes] = []

    async def receive() -> Any:
        part = parts.pop(0)
        if not parts:
            sent.set()
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        await sent.wait()
        lines.extend(message.get("body", b"").splitlines())

    asyncio.run(ask(app_with(), receive, send))
    assert len(lines) == 256


def test_who_never_reads_holds_no_turn() -> None:
    """His posts are stored, and the next bulk has the only turn there is."""
    app = app_with(bulks=1)

    async def story() -> None:
        sent = asyncio.Event()
        parts = [body_of(0, 64), b""]

        async def receive() -> Any:
            if len(parts) == 1:
                sent.set()
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def never(_: Any) -> None:
            await asyncio.Event().wait()

        stuck = asyncio.create_task(ask(app, receive, never))
        await asyncio.wait_for(sent.wait(), LONG)
        async with asyncio.timeout(LONG):
            while True:  # the turn is over a moment after the last byte
                client = Client([(0, body_of(0, 64)), (64, b"")])
                await ask(app, client.receive, client.send)
                if client.status == 200:
                    break
                await asyncio.sleep(0.01)
        assert {result["status"] for result in client.results} == {"unchanged"}
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)

    asyncio.run(story())


def test_a_bulk_that_is_given_up_says_where() -> None:
    """After the lines that are safe stands one that says what befell the rest: it has the number of the first of it."""
    client = Client([(0, body_of(0, 64)), (64, body_of(64, 66)), (99, b"")])
    asyncio.run(ask(app_with(client_seconds=0.02), client.receive, client.send))
    *safe, last = client.results
    assert (client.status, len(safe)) == (200, 64)
    assert (last["line"], last["status"], last["reason"]) == (65, "failed", "too_slow")


def test_a_client_that_goes_leaves_what_is_safe() -> None:
    """The lane is free again, and what was acknowledged is stored."""
    app = app_with(bulks=1)

    async def story() -> None:
        first = {"type": "http.request", "body": body_of(0, 70), "more_body": True}
        messages = iter([first, {"type": "http.disconnect"}])

        async def leave() -> Any:
            return next(messages)

        await ask(app, leave, Client([]).send)
        again = Client([(0, body_of(0, 64)), (64, b"")])
        await ask(app, again.receive, again.send)
        assert {result["status"] for result in again.results} == {"unchanged"}

    asyncio.run(story())
