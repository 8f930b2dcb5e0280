"""Addresses that answer questions: search, similar, annotate, match, topics."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.answers import AnnotateAnswer, MatchAnswer, SearchAnswer, TopicsAnswer
from api.bodies import read_body
from api.openapi import gives, takes
from api.requests import AnnotateBody, CountryName, MatchBody, SearchBody
from api.responses import answer
from api.search.question import Question
from api.search.service import Service
from api.settings import ServiceSettings
from api.visitor import caller

QUICK_TEXT = 200
_QUESTION = (400, 408, 409, 413, 415, 422, 503)


def search_routes(service: Service, settings: ServiceSettings) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/v1", tags=["search"])

    @routes.post("/search", openapi_extra=takes(SearchBody, form=True), responses=gives(SearchAnswer, *_QUESTION))
    async def search(request: Request) -> Response:
        """Find posts by text, by photo or by both."""
        body = await read_body(request, SearchBody)
        country = caller(request, settings).country(body.country)
        quick = body.photo is None and len(body.text or "") <= QUICK_TEXT and body.offset == 0
        if quick:  # about a millisecond: a thread would cost more
            return answer(service.search(body.question(), country))
        return answer(await run_in_threadpool(service.search, body.question(), country))

    @routes.post("/annotate", openapi_extra=takes(AnnotateBody, form=True), responses=gives(AnnotateAnswer, *_QUESTION))
    async def annotate(request: Request) -> Response:
        """Propose keywords and hashtags for a photo, a text or both."""
        body = await read_body(request, AnnotateBody)
        country = caller(request, settings).country(body.country)
        return answer(await run_in_threadpool(service.annotate, body.question(), country))

    @routes.post(
        "/match", openapi_extra=takes(MatchBody, form=True), responses=gives(MatchAnswer, 404, 451, *_QUESTION)
    )
    async def match(request: Request) -> Response:
        """Score how well a text fits a photo or a stored post, from 0 to 1."""
        body = await read_body(request, MatchBody)
        country = caller(request, settings).country(body.country)
        text, photo = body.text or "", body.photo_bytes
        return answer(await run_in_threadpool(service.match, text, photo, body.post_id, country))

    @routes.get("/posts/{post_id:path}/similar", responses=gives(SearchAnswer, 404, 422, 451, 503))
    def similar(
        request: Request,
        post_id: str,
        country: Annotated[CountryName | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=900)] = 0,
    ) -> Response:
        """Find posts like a stored one."""
        question = Question(limit=limit, offset=offset)
        return answer(service.similar(post_id, question, caller(request, settings).country(country)))

    @routes.get("/topics", responses=gives(TopicsAnswer, 422, 503))
    def topics(request: Request, country: Annotated[CountryName | None, Query()] = None) -> Response:
        """List the topics of the model, largest first."""
        return answer(service.topics(caller(request, settings).country(country)))

    return routes
