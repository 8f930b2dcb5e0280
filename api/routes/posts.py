"""Addresses of posts: the host site sends them in bulk, reads and deletes them."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from tempfile import SpooledTemporaryFile
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.answers import DeletedAnswer, LineAnswer, PostAnswer, PostsAnswer
from api.bodies import STREAMED, read_query
from api.errors import BadRequest
from api.load.lanes import Lanes
from api.openapi import NDJSON, asks, gives, gives_lines, takes_lines
from api.requests import CountryName, ListBody
from api.responses import NEVER_CACHED, answer
from api.search.service import Service
from api.settings import ServiceSettings
from api.visitor import caller
from compliance.errors import RecordNotWritten
from ingest.photos.photo_source import InlinePhotos, PhotoSource
from ingest.photos.web_photos import WebPhotos
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine, LineSplitter
from qdrant.errors import StoreError, StoreFull

_LISTED = {name: name for name in ListBody.model_fields}
_IN_MEMORY = 2**20
_CHUNK = 2**16
_LINES_AT_ONCE = 64
_BYTES_AT_ONCE = 2**25


def post_routes(service: Service, pipeline: Pipeline, lanes: Lanes, settings: ServiceSettings) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(tags=["posts"])
    photos = InlinePhotos(WebPhotos(settings.photo_hosts))

    @routes.post(STREAMED, openapi_extra=takes_lines(), responses=gives_lines(LineAnswer, 401, 408, 415, 503, 507))
    async def bulk(request: Request) -> Response:
        """Take posts, one JSON object a line; answer a line for each, in order, once they are safe on disk."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != NDJSON:
            raise BadRequest(f"Send the posts as {NDJSON}, one JSON object a line.", "unsupported_media_type", 415)
        async with lanes.bulks.turn():
            taker = _BulkTaker(pipeline, photos)
            try:
                async for chunk in request.stream():
                    await taker.feed(chunk)
                results = await taker.results()
            except BaseException:  # the client or the service has gone: nobody will read them
                taker.drop_results()
                raise
        retry = {"Retry-After": "5"} if taker.status == 503 else {}
        return StreamingResponse(results, taker.status, retry, media_type=NDJSON)

    @routes.get("/v1/posts", openapi_extra=asks(ListBody, _LISTED), responses=gives(PostsAnswer, 400, 422, 503))
    async def listing(request: Request) -> Response:
        """List the posts that may be seen; all of them, one a line, for who accepts application/x-ndjson."""
        body = read_query(request, ListBody, _LISTED)
        country = caller(request).country(body.country)
        first = await lanes.searches.run(service.posts, body.question(), country)
        if NDJSON not in request.headers.get("accept", "") or first.disclaimer is not None:
            return answer(first)

        async def lines() -> AsyncIterator[bytes]:
            page = first
            while True:
                yield b"".join(msgspec.json.encode(post) + b"\n" for post in page.posts)
                if page.cursor is None:
                    return
                following = replace(body.question(), cursor=page.cursor)
                page = await lanes.searches.run(service.posts, following, country)

        return StreamingResponse(lines(), headers=NEVER_CACHED, media_type=NDJSON)

    @routes.get("/v1/posts/{post_id:path}", responses=gives(PostAnswer, 404, 422, 451, 503))
    async def read(request: Request, post_id: str, country: Annotated[CountryName | None, Query()] = None) -> Response:
        """Read one post; 451 with the sentence where the visitor's country forbids it."""
        return answer(await lanes.searches.run(service.post, post_id, caller(request).country(country)))

    @routes.delete("/v1/posts/{post_id:path}", responses=gives(DeletedAnswer, 401, 404, 503, 507))
    def delete(post_id: str) -> Response:
        """Remove one post."""
        service.delete(post_id)
        return answer(DeletedAnswer(post_id))

    return routes


class _BulkTaker:
    """Takes lines while they arrive; results wait in a file, so that a client that reads late cannot block."""

    def __init__(self, pipeline: Pipeline, photos: PhotoSource) -> None:
        self._pipeline = pipeline
        self._photos = photos
        self._splitter = LineSplitter()
        self._lines: list[InputLine] = []
        self._size = 0
        self._results = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed after the last result is sent
        self.status = 200

    async def feed(self, chunk: bytes) -> None:
        for line in self._splitter.feed(chunk):
            await self._add(line)

    async def results(self) -> AsyncIterator[bytes]:
        """Take what is left, then give every result line."""
        for line in self._splitter.end():
            await self._add(line)
        await self._flush()
        self._results.seek(0)
        return self._read()

    def drop_results(self) -> None:
        self._results.close()

    async def _add(self, line: InputLine) -> None:
        self._lines.append(line)
        self._size += len(line.data or b"")
        if len(self._lines) >= _LINES_AT_ONCE or self._size >= _BYTES_AT_ONCE:
            await self._flush()

    async def _flush(self) -> None:
        lines, self._lines, self._size = self._lines, [], 0
        if lines:
            await run_in_threadpool(self._take, lines)

    def _take(self, lines: list[InputLine]) -> None:
        """Store a batch; when the store refuses, its lines say so and may be sent again."""
        try:
            taken = self._pipeline.take(lines, self._photos)
            results = [msgspec.convert(asdict(result), LineAnswer) for result in taken]
        except (StoreError, RecordNotWritten) as error:
            full = isinstance(error, StoreFull | RecordNotWritten)
            self.status = 507 if full else 503
            reason = "store_full" if full else "store_down"
            results = [
                LineAnswer(line=line.number, id=None, status="failed", reason=reason, detail=str(error))
                for line in lines
            ]
        self._results.writelines(msgspec.json.encode(result) + b"\n" for result in results)

    async def _read(self) -> AsyncIterator[bytes]:
        with self._results:
            while chunk := self._results.read(_CHUNK):
                yield chunk
