"""The observer of all requests: each has an id, in and out, is counted, and has a line in the log if wanted."""

import json
import logging
import re
import secrets
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.telemetry.metrics import REQUEST_SECONDS, REQUESTS
from api.telemetry.traces import end_span, request_span
from api.visitor import Means

HEADER: Final = "x-request-id"
REQUEST_ID: ContextVar[str] = ContextVar("photosense_request_id", default="")
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ELSEWHERE: Final = "(no address)"
_CALLERS: Final = {
    Means.KEY: "key",
    Means.SESSION: "session",
    Means.TOKEN: "token",
    Means.HERE: "this machine",
    Means.NONE: "visitor",
}
_log = logging.getLogger("photosense.access")


class Observer:
    """Middleware around everything else; of a request it keeps method, address without its values, status and time."""

    def __init__(self, app: ASGIApp, *, log: bool = False) -> None:
        self._app = app
        self._is_logged = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "")
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        token, start, status, size = REQUEST_ID.set(request_id), time.perf_counter(), 499, 0

        async def observed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            size += len(message.get("body", b""))
            await send(message)

        method = scope["method"] if scope["method"] in _METHODS else "other"
        try:
            with request_span(headers, request_id) as span:
                try:
                    await self._app(scope, receive, observed)
                finally:
                    end_span(span, method, _route(scope), status)
        finally:
            seconds, route = time.perf_counter() - start, _route(scope)
            REQUESTS.labels(method, route, str(status)).inc()
            REQUEST_SECONDS.labels(route).observe(seconds)
            if self._is_logged:
                _log.info("%s", _line(scope, method, route, status, size, seconds, request_id))
            REQUEST_ID.reset(token)


def _route(scope: Scope) -> str:
    """The address as the app writes it: an id of a post stands in no figure and no log."""
    return getattr(scope.get("route"), "path_format", _ELSEWHERE)


def _line(
    scope: Scope, method: str, route: str, status: int, size: int, seconds: float, request_id: str
) -> str:  # one object a line, for programs and people
    caller: Any = scope.get("state", {}).get("caller")
    said = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "request": request_id,
        "by": _CALLERS[caller.means] if caller else "unknown",
        "method": method,
        "route": route,
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 1),
    }
    return json.dumps(said)
