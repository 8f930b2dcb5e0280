"""The address at which visitors, or the site for them, say what they think of a hit."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api.access.limits import Limits
from api.answers import FeedbackAnswer
from api.bodies import read_body
from api.feedback.feedback_folder import FeedbackFolder, Reaction
from api.load.lanes import Lanes
from api.openapi import gives, takes
from api.requests import CountryName, PostId, Text
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.search.service import Service
from api.visitor import Guest, caller


class FeedbackBody(BaseModel):
    """What somebody did with a hit of a question."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: Annotated[Text | None, Field(description="The question, as it was asked; none where posts were listed.")] = (
        None
    )
    post_id: PostId
    reaction: Annotated[
        Reaction,
        WithJsonSchema({"type": "string", "enum": list(Reaction)}),
        Field(description="click: it was opened; good, bad: it is, or is not, what was asked for."),
    ]
    rank: Annotated[int | None, Field(ge=1, le=10_000, description="At which place it stood, 1 is the first.")] = None
    country: CountryName | None = None


def feedback_routes(service: Service, folder: FeedbackFolder, limits: Limits, lanes: Lanes) -> GuardedRoutes:
    """Build the route."""
    routes = GuardedRoutes("/v1", "search")

    @routes.post(
        "/feedback",
        openapi_extra=takes(FeedbackBody),
        responses=gives(FeedbackAnswer, 400, 408, 413, 415, 422, 429, 503),
    )
    async def feedback(request: Request) -> Response:
        """Take a vote or a click on a hit of a question; the answer is the same, whether or not it is kept."""
        body = await read_body(request, FeedbackBody)
        limits.count_feedback(request, caller(request))
        await lanes.searches.run(keep, body, caller(request).country(body.country))
        return answer(FeedbackAnswer())

    def keep(body: FeedbackBody, guest: Guest) -> None:
        """Keep it of what the visitor may have been shown; of anything else nobody is told whether it is there."""
        text = body.text or ""
        if folder.is_kept and service.could_show(body.post_id, text, guest):
            folder.keep(text, body.post_id, body.reaction, body.rank, service.law.gate.now())

    return routes
