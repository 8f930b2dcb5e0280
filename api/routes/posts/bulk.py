"""The address of a bulk: many posts in one body, each with a result of its own."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import WithJsonSchema

from api.answers import LineAnswer
from api.bodies import STREAMED
from api.bulk.stream import BulkAnswer
from api.bulk.taker import Taker
from api.errors import BadRequest
from api.load.lanes import Lanes
from api.openapi import NDJSON, gives_lines, takes_lines
from api.routes.guarded import GuardedRoutes
from ingest.changes.withdrawal import OnReject
from ingest.photos.photo_source import PhotoSource
from ingest.pipeline import Pipeline
from ingest.reading.array import ArraySplitter
from ingest.reading.lines import LineSplitter

SPLITTERS = {NDJSON: LineSplitter, "application/json": ArraySplitter}
OnRejectName = Annotated[
    Annotated[OnReject, WithJsonSchema({"type": "string", "enum": list(OnReject)})] | None,
    Query(
        description="What becomes of the stored post that a refused one was to replace; without it, it goes where its "
        "captions were emptied."
    ),
]


def bulk_routes(pipeline: Pipeline, photos: PhotoSource, lanes: Lanes) -> GuardedRoutes:
    """Build the route."""
    routes = GuardedRoutes(tag="posts")

    @routes.post(STREAMED, openapi_extra=takes_lines(), responses=gives_lines(LineAnswer, 400, 401, 408, 413, 415, 422))
    async def bulk(request: Request, on_reject: OnRejectName = None) -> Response:
        """Take posts, one JSON object a line or as one array; a line for each, in order, once it is safe on disk."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in SPLITTERS:
            raise BadRequest(
                f"Send the posts as {NDJSON}, one JSON object a line, or as application/json, one array.",
                "unsupported_media_type",
                415,
            )
        return BulkAnswer(Taker(pipeline, photos, SPLITTERS[kind](), on_reject), lanes.bulks, NDJSON)

    return routes
