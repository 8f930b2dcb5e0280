"""Addresses that answer questions: search, similar, annotate, match, topics."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.bodies import read_body
from api.requests import AnnotateBody, CountryName, MatchBody, SearchBody
from api.responses import answer
from api.search.query import Asked
from api.search.service import Service
from api.settings import ServiceSettings
from api.visitor import caller

QUICK_TEXT = 200


def asking_routes(service: Service, settings: ServiceSettings) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/v1", tags=["asking"])

    @routes.post("/search", openapi_extra=_takes(SearchBody))
    async def search(request: Request) -> Response:
        """Find posts by text, by photo or by both."""
        body = await read_body(request, SearchBody)
        country = caller(request, settings).country(body.country)
        quick = body.photo is None and len(body.text or "") <= QUICK_TEXT and body.offset == 0
        if quick:  # about a millisecond: a thread would cost more
            return answer(service.search(body.asked(), country))
        return answer(await run_in_threadpool(service.search, body.asked(), country))

    @routes.post("/annotate", openapi_extra=_takes(AnnotateBody))
    async def annotate(request: Request) -> Response:
        """Propose keywords and hashtags for a photo, a text or both."""
        body = await read_body(request, AnnotateBody)
        country = caller(request, settings).country(body.country)
        return answer(await run_in_threadpool(service.annotate, body.asked(), country))

    @routes.post("/match", openapi_extra=_takes(MatchBody))
    async def match(request: Request) -> Response:
        """Score how well a text fits a photo or a stored post, from 0 to 1."""
        body = await read_body(request, MatchBody)
        country = caller(request, settings).country(body.country)
        text, photo = body.text or "", body.photo_bytes
        return answer(await run_in_threadpool(service.match, text, photo, body.post_id, country))

    @routes.get("/posts/{post_id:path}/similar")
    def similar(
        request: Request,
        post_id: str,
        country: Annotated[CountryName | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=900)] = 0,
    ) -> Response:
        """Find posts like a stored one."""
        asked = Asked(limit=limit, offset=offset)
        return answer(service.similar(post_id, asked, caller(request, settings).country(country)))

    @routes.get("/topics")
    def topics(request: Request, country: Annotated[CountryName | None, Query()] = None) -> Response:
        """List the topics of the model, largest first."""
        return answer(service.topics(caller(request, settings).country(country)))

    return routes


def _takes(schema: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that is read by hand, because it comes as JSON or as a form."""
    described = {"schema": schema.model_json_schema()}
    return {
        "requestBody": {"required": True, "content": {"application/json": described, "multipart/form-data": described}}
    }
