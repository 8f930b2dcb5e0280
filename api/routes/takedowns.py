"""Addresses of takedowns, for the site only."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from api.bodies import read_body
from api.requests import Photo
from api.responses import answer
from api.settings import ServiceSettings
from api.visitor import require_site
from compliance.records.identifier import identifier
from moderation.takedowns import Remover


class TakedownBody(BaseModel):
    """What is to go, who says so and why."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    by: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(identifier)]
    reason: Annotated[str, Field(min_length=1, max_length=2000, description="The order or the law, no names.")]
    post_id: Annotated[str | None, Field(min_length=1, max_length=256)] = None
    link: Annotated[str | None, Field(min_length=1, max_length=2048)] = None
    photo: Photo | bytes | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "TakedownBody":
        if sum(given is not None for given in (self.post_id, self.link, self.photo)) != 1:
            raise ValueError("give one of post_id, link and photo")
        return self


def takedown_routes(remover: Remover, settings: ServiceSettings) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/v1", tags=["compliance"])
    described = {"application/json": {"schema": TakedownBody.model_json_schema()}}

    @routes.post("/takedowns", openapi_extra={"requestBody": {"required": True, "content": described}})
    async def take_down(request: Request) -> Response:
        """Take down a post, a link or a photo; what is answered is gone."""
        require_site(request, settings)
        body = await read_body(request, TakedownBody)
        photo = body.photo if isinstance(body.photo, bytes) else None

        def remove() -> Response:
            done = remover.take_down(body.by, body.reason, post=body.post_id, link=body.link, photo=photo)
            return answer(asdict(done))

        return await run_in_threadpool(remove)

    @routes.get("/takedowns")
    def takedowns(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """List the proof records, the latest first."""
        require_site(request, settings)
        done = remover.takedowns.all()
        return answer({"takedowns": [asdict(each) for each in done[:limit]], "total": len(done)})

    return routes
