"""The answer to a bulk: a line for each post, sent as soon as it is safe on disk, while further posts come in.

Whoever sends everything first and reads then is answered as well: nobody who takes posts waits for who reads results.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.bulk.taker import Taker
from api.load.lane import Lane
from api.problems import as_problem
from api.responses import NEVER_CACHED

QUIET: Final = 2.0  # seconds in which nothing comes, after which what came is stored


class BulkAnswer(Response):
    """Answers while it reads: the status is that of the first batch, later lines say what became of them."""

    def __init__(self, taker: Taker, lane: Lane, media: str) -> None:
        super().__init__(media_type=media)
        self._taker = taker
        self._lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take and answer."""
        with closing(self._taker.results):
            taking = asyncio.create_task(self._take(Request(scope, receive).stream()))
            taking.add_done_callback(lambda _: self._taker.news.set())
            try:
                await self._answer(taking, send)
            finally:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

    async def _take(self, chunks: AsyncIterator[bytes]) -> None:
        """Take all that comes, in the turn of one bulk; who does not read what he is answered then holds no turn."""
        chunk: bytes | None = b""
        async with self._lane.turn():
            while chunk is not None:
                await self._taker.feed(chunk)
                chunk = await self._next(chunks)
            await self._taker.end()

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """The next piece; while nothing comes, what came is stored, though no batch is whole."""
        coming = asyncio.ensure_future(anext(chunks, None))
        try:
            while not (await asyncio.wait({coming}, timeout=QUIET if self._taker.has_lines else None))[0]:
                await self._taker.flush()
            return await coming
        finally:
            coming.cancel()

    async def _answer(self, taking: "asyncio.Task[None]", send: Send) -> None:
        results, started, over = self._taker.results, False, False
        while not over:
            await self._taker.news.wait()
            self._taker.news.clear()
            over = taking.done()
            if over and (error := taking.exception()) is not None:
                if results.is_empty and not started:
                    raise error  # which is a problem like any other
                self._say_last(error)
            if not started and (over or not results.is_empty):
                await self._start(send)
                started = True
            while not results.is_empty:
                await send({"type": "http.response.body", "body": results.read(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        self.status_code = self._taker.status
        self.headers.update({**NEVER_CACHED, **({"Retry-After": "5"} if self.status_code == 503 else {})})
        del self.headers["content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    def _say_last(self, error: BaseException) -> None:
        """Say in a line of its own why nothing more was taken, unless nobody is there to read it."""
        if not isinstance(error, Exception):
            raise error
        if not isinstance(error, ClientDisconnect):
            problem = as_problem(error)
            self._taker.fail(problem.code, problem.detail)
