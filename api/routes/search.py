"""Addresses that answer questions: search, similar, annotate, match, topics."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    MatchAnswer,
    MultiSearchAnswer,
    OneAnswer,
    SearchAnswer,
    SuggestAnswer,
    TopicsAnswer,
)
from api.bodies import read_body, read_query
from api.load.lane import Lane
from api.load.lanes import Lanes
from api.openapi import asks, gives, takes
from api.problems import as_problem
from api.requests import IN_ADDRESS, AnnotateBody, ClassifyBody, CountryName, MatchBody, MultiSearchBody, SearchBody
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.search.question import Question
from api.search.service import Service
from api.settings import ServiceSettings
from api.visitor import caller
from compliance.country import Country

QUICK_TEXT = 200
_QUESTION = (400, 408, 409, 413, 415, 422, 503)


def search_routes(service: Service, lanes: Lanes, settings: ServiceSettings) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes("/v1", "search")

    @routes.post("/search", openapi_extra=takes(SearchBody, form=True), responses=gives(SearchAnswer, 404, *_QUESTION))
    async def search(request: Request) -> Response:
        """Find posts by text, by photo or by both."""
        return await found(request, await read_body(request, SearchBody, lanes.photos))

    @routes.get("/search", openapi_extra=asks(SearchBody, IN_ADDRESS), responses=gives(SearchAnswer, 404, *_QUESTION))
    async def search_by_address(request: Request) -> Response:
        """Find posts by a text that stands in the address; a filter is written there as JSON."""
        return await found(request, read_query(request, SearchBody, IN_ADDRESS))

    async def found(request: Request, body: SearchBody) -> Response:
        country = caller(request).country(body.country)
        plain = body.photo is None and len(body.text or "") <= QUICK_TEXT
        quick = plain and not (body.offset or body.sort or body.cursor or body.facets or body.group_by)
        if quick and service.is_calm:  # a few milliseconds: a thread would cost more
            return answer(await lanes.searches.run_here(service.search, body.question(), country))
        return answer(await _lane(body, lanes).run(service.search, body.question(), country))

    @routes.post(
        "/multi-search",
        openapi_extra=takes(MultiSearchBody),
        responses=gives(MultiSearchAnswer, 400, 408, 413, 415, 422, 503),
    )
    async def multi_search(request: Request) -> Response:
        """Answer several searches, each by itself: what is wrong with one is said in its place."""
        body = await read_body(request, MultiSearchBody)
        asking = caller(request)

        def each() -> MultiSearchAnswer:
            return MultiSearchAnswer(
                [_one(service, search, asking.country(search.country or body.country)) for search in body.searches]
            )

        return answer(await lanes.searches.run(each))

    @routes.get("/suggest", responses=gives(SuggestAnswer, 422, 503))
    async def suggest(
        request: Request,
        q: Annotated[str, Query(max_length=200, description="What is typed so far; its last word is completed.")],
        country: Annotated[CountryName | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=20)] = 8,
    ) -> Response:
        """Complete the word that is being typed, by words and hashtags of posts that the visitor may see."""
        visitor = caller(request).country(country)
        run = lanes.searches.run_here if service.is_calm else lanes.searches.run
        return answer(await run(service.suggest, q, limit, visitor))

    @routes.post("/annotate", openapi_extra=takes(AnnotateBody, form=True), responses=gives(AnnotateAnswer, *_QUESTION))
    async def annotate(request: Request) -> Response:
        """Propose keywords and hashtags for a photo, a text or both."""
        body = await read_body(request, AnnotateBody, lanes.photos)
        country = caller(request).country(body.country)
        return answer(await _lane(body, lanes).run(service.annotate, body.question(), country, body.lang))

    @routes.post("/classify", openapi_extra=takes(ClassifyBody, form=True), responses=gives(ClassifyAnswer, *_QUESTION))
    async def classify(request: Request) -> Response:
        """Say how likely a photo, a text or both are of each class of a modality, such as an album."""
        body = await read_body(request, ClassifyBody, lanes.photos)
        country, modalities = caller(request).country(body.country), settings.modalities
        work = _lane(body, lanes).run(service.classify, body.question(), body.modality, modalities, country)
        return answer(await work)

    @routes.post(
        "/match", openapi_extra=takes(MatchBody, form=True), responses=gives(MatchAnswer, 404, 451, *_QUESTION)
    )
    async def match(request: Request) -> Response:
        """Score how well a text fits a photo or a stored post, from 0 to 1."""
        body = await read_body(request, MatchBody, lanes.photos)
        country = caller(request).country(body.country)
        text, photo = body.text or "", body.photo_bytes
        return answer(await _lane(body, lanes).run(service.match, text, photo, body.post_id, country))

    @routes.get("/posts/{post_id:post}/similar", responses=gives(SearchAnswer, 404, 422, 451, 503))
    async def similar(
        request: Request,
        post_id: str,
        country: Annotated[CountryName | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=900)] = 0,
    ) -> Response:
        """Find posts like a stored one."""
        question = Question(limit=limit, offset=offset)
        visitor = caller(request).country(country)
        return answer(await lanes.searches.run(service.similar, post_id, question, visitor))

    @routes.get("/topics", responses=gives(TopicsAnswer, 422, 503))
    async def topics(request: Request, country: Annotated[CountryName | None, Query()] = None) -> Response:
        """List the topics of the model, largest first."""
        return answer(await lanes.searches.run(service.topics, caller(request).country(country)))

    return routes


def _one(service: Service, search: SearchBody, country: Country) -> OneAnswer:
    try:
        return OneAnswer(answer=service.search(search.question(), country))
    except Exception as error:
        return OneAnswer(problem=as_problem(error))


def _lane(body: SearchBody | AnnotateBody | ClassifyBody | MatchBody, lanes: Lanes) -> Lane:
    """Whoever asks by photo waits for those who do, and for nobody else."""
    return lanes.searches if body.photo is None else lanes.photos
