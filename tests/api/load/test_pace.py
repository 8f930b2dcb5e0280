"""A body that comes too slowly is given up, and so is one that is not whole when the service stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.asgi import Receive, answered
from tests.support.reference_store import ReferenceStore

PATHS = {"/v1/search": "application/json", "/v1/posts:bulk": "application/x-ndjson"}


def app_with(**settings: float) -> FastAPI:
    return create_app(ServiceSettings(**settings), Parts(ReferenceStore()))


def drip(parts: AsyncIterator[bytes]) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": await anext(parts), "more_body": True}

    return receive


async def forever(part: bytes, seconds: float) -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(seconds)
        yield part


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_falls_silent_is_given_up(path: str) -> None:
    """The answer is a problem, and the connection is closed."""
    app = app_with(client_seconds=0.01)
    status, headers, problem = asyncio.run(answered(app, path, drip(forever(b"", 3600)), PATHS[path]))
    assert (status, problem["code"], headers[b"connection"]) == (408, "too_slow", b"close")


def test_a_body_in_drops_is_given_up() -> None:
    """Each byte buys a thousandth of a second here and takes two: a client who never falls silent gains nothing."""
    app = app_with(client_seconds=0.05, least_rate=1000)
    status, _, problem = asyncio.run(answered(app, "/v1/search", drip(forever(b" ", 0.002))))
    assert (status, problem["code"]) == (408, "too_slow")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("seconds", [0, 3600], ids=["fast", "silent"])
def test_a_body_without_end_is_over_when_the_service_stops(path: str, seconds: float) -> None:
    """Whether its client waits or sends as fast as it can."""
    app = app_with(max_body_mb=1024)

    async def ask() -> tuple[int, dict[bytes, bytes], dict[str, Any]]:
        asked = asyncio.ensure_future(answered(app, path, drip(forever(b" ", seconds)), PATHS[path]))
        await asyncio.sleep(0.01)
        app.state.stop.now()
        return await asked

    status, headers, problem = asyncio.run(ask())
    assert (status, problem["code"], headers[b"retry-after"]) == (503, "stopping", b"5")


def test_a_client_may_end_what_it_has_begun() -> None:
    """A refusal is told at once, and the connection is not closed before the body has come: else nobody may read it."""
    sent: list[dict[str, Any]] = []
    parts = [{"type": "http.request", "body": b"x", "more_body": n < 3} for n in range(4)]

    async def receive() -> dict[str, Any]:
        return parts.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append({**message, "left": len(parts)})

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/search",
        "query_string": b"",
        "headers": [(b"content-type", b"image/jpeg"), (b"content-length", b"4")],
    }
    asyncio.run(app_with()(scope, receive, send))
    assert [(each.get("more_body", False), each["left"]) for each in sent[1:]] == [(True, 4), (False, 0)]
    assert b"unsupported_media_type" in sent[1]["body"]


def test_a_client_that_never_ends_is_not_waited_for() -> None:
    """Not longer than for any client that is silent."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/search",
        "query_string": b"",
        "headers": [(b"content-length", b"4")],
    }

    async def nothing(_: Any) -> None:
        pass

    app = app_with(client_seconds=0.01)
    asyncio.run(asyncio.wait_for(app(scope, asyncio.Event().wait, nothing), 60))


def test_a_body_that_is_whole_is_answered_when_the_service_stops() -> None:
    """What came in before is finished."""
    app = app_with()

    async def whole() -> dict[str, Any]:
        app.state.stop.now()
        return {"type": "http.request", "body": b'{"text": "sea"}'}

    status, _, answer = asyncio.run(answered(app, "/v1/search", whole))
    assert (status, answer["hits"]) == (200, [])
