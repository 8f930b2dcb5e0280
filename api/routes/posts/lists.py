"""Addresses at which posts are listed and read, as far as the visitor's law lets them be."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated

import msgspec
from fastapi import Query, Request, Response
from starlette.responses import StreamingResponse

from api.answers import PostAnswer, PostsAnswer
from api.bodies import read_query
from api.load.lanes import Lanes
from api.openapi import NDJSON, asks, gives
from api.requests import CountryName, ListBody
from api.responses import NEVER_CACHED, answer
from api.routes.guarded import GuardedRoutes
from api.search.service import Service
from api.visitor import caller

_LISTED = {name: name for name in ListBody.model_fields}
_IN_MEMORY = 2**20
_CHUNK = 2**16
_LINES_AT_ONCE = 64
_BYTES_AT_ONCE = 2**25


def list_routes(service: Service, lanes: Lanes) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes(tag="posts")

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

    @routes.get("/v1/posts/{post_id:post}", responses=gives(PostAnswer, 404, 422, 451, 503))
    async def read(request: Request, post_id: str, country: Annotated[CountryName | None, Query()] = None) -> Response:
        """Read one post; 451 with the sentence where the visitor's country forbids it."""
        return answer(await lanes.searches.run(service.post, post_id, caller(request).country(country)))

    return routes
