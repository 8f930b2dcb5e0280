"""Repeats: a write with an `Idempotency-Key` that was answered before is answered as it was.

Asked behind the porter, so that nobody is told what another was answered; what is answered then is kept on its way out.
"""

import hashlib
import re
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.scopes import ANYBODY, need_of
from api.bodies import IMPORTED, STREAMED
from api.errors import ApiError, BadRequest
from api.idempotency.answer_book import MOST_BYTES, AnswerBook, GivenAnswer, Repeated
from api.visitor import caller

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_READS: Final = ("GET", "HEAD", "OPTIONS")
# Posts of a bulk are known by their ids, and its answer has no end; a preview changes nothing.
_NOT_KEPT: Final = (STREAMED, "/v1/takedowns:preview")
_NAME: Final = "idempotency"


class Repeats:
    """Called with each request behind the porter; raises what was answered before."""

    def __init__(self, book: AnswerBook) -> None:
        self._book = book

    async def __call__(self, request: Request) -> None:
        """Look whether the request was answered, or note that we answer it now."""
        key, path = request.headers.get(HEADER), request.scope["route"].path_format
        if key is None or not takes_key(request.method, path):
            return
        if not _KEY.fullmatch(key):
            raise BadRequest(f"{HEADER} is 1 to 255 visible ASCII characters: send such as a UUID.", "wrong_header")
        if path != IMPORTED:
            await self.look(request, await _body_digest(request))

    async def look(self, request: Request, sent: str) -> None:
        """The same of a request whose body is known by its digest: that of an import is read by who keeps it."""
        key = request.headers.get(HEADER)
        if key is None:
            return
        asking, kind = caller(request), request.headers.get("content-type", "").partition(";")[0]
        name = _digest(asking.means, asking.key or "", request.method, request.url.path, key)
        answer = await run_in_threadpool(self._book.begin, name, _digest(request.url.query, kind, sent))
        if answer is not None:
            raise Repeated(answer)
        request.scope["state"][_NAME] = name


class KeepAnswers:
    """Middleware that keeps what is answered to a request with a key, where it is to be kept."""

    def __init__(self, app: ASGIApp, book: AnswerBook) -> None:
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look on while an answer goes out."""
        if scope["type"] != "http" or scope["method"] in _READS:
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        status, media, body = 0, "", bytearray()

        async def seen(message: Message) -> None:
            nonlocal status, media
            if message["type"] == "http.response.start":
                status = message["status"]
                media = next((value.decode() for name, value in message["headers"] if name == b"content-type"), "")
            elif len(body) <= MOST_BYTES and _NAME in state:
                body.extend(message.get("body", b""))
                if not message.get("more_body") and _is_kept(status, body):
                    await self._keep(state.pop(_NAME), GivenAnswer(status, media, bytes(body)))
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            if (name := state.pop(_NAME, None)) is not None:
                await self._drop(name)

    async def _keep(self, name: str, answer: GivenAnswer) -> None:
        """It is kept before it is sent: what was done is never done again because nobody heard of it."""
        try:
            await run_in_threadpool(self._book.keep, name, answer)
        except ApiError:  # the answer matters more
            return

    async def _drop(self, name: str) -> None:
        try:
            await run_in_threadpool(self._book.forget, name)
        except ApiError:
            return


def _is_kept(status: int, body: bytearray) -> bool:
    """What may be otherwise a moment later is not: who is busy, slow or let in by mistake asks again."""
    return len(body) <= MOST_BYTES and status < 500 and status not in (401, 403, 408, 429)


def takes_key(method: str, path: str) -> bool:
    """Whether an address keeps its answers: one of the site's that writes."""
    need = need_of(method, path)
    return not (method in _READS or path in _NOT_KEPT or need.visitors or need.scope in ANYBODY)


async def _body_digest(request: Request) -> str:
    """What was sent, in a word. The boundary of a form is another each time, so its parts are compared without."""
    kind, body = request.headers.get("content-type", ""), await request.body()
    if kind.startswith("multipart/form-data"):
        boundary = re.search(r'boundary="?([^";,]+)', kind)
        if boundary is not None:
            body = body.replace(boundary[1].encode("latin-1", "replace"), b"")
    return hashlib.sha256(body).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
