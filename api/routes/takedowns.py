"""Addresses of takedowns, for the site only."""

from dataclasses import asdict
from typing import Annotated, Final, Self

import msgspec
from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from api.answers import TakedownAnswer, TakedownPreview, TakedownsAnswer
from api.bodies import read_body
from api.load.lanes import Lanes
from api.openapi import gives, takes
from api.photo_addresses import PhotoAddresses
from api.requests import Photo, PostId
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.routes.review import stored_post
from compliance.records.identifier import identifier
from compliance.records.takedown_register import Takedown
from ingest.photos.photo_stage import Decoder
from moderation.takedowns import Remover
from vision.fingerprint import Fingerprint

_SHOWN: Final = 100  # posts of a preview: what goes beyond them is counted


class TargetBody(BaseModel):
    """What is to go."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    post_id: PostId | None = None
    link: Annotated[str | None, Field(min_length=1, max_length=2048)] = None
    photo: Photo | bytes | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(given is not None for given in (self.post_id, self.link, self.photo)) != 1:
            raise ValueError("give one of post_id, link and photo")
        return self


class TakedownBody(TargetBody):
    """What is to go, who says so and why."""

    by: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(identifier)]
    reason: Annotated[str, Field(min_length=1, max_length=2000, description="The order or the law, no names.")]


def takedown_routes(remover: Remover, addresses: PhotoAddresses, decoder: Decoder, lanes: Lanes) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes("/v1", "compliance")

    async def fingerprint(photo: str | bytes | None) -> Fingerprint | None:
        if not isinstance(photo, bytes):
            return None
        look = await lanes.photos.run(decoder.look_now, photo)
        return look.fingerprint(photo)

    @routes.post(
        "/takedowns:preview",
        openapi_extra=takes(TargetBody, form=True),
        responses=gives(TakedownPreview, 400, 401, 408, 413, 415, 422, 503),
    )
    async def preview(request: Request) -> Response:
        """Tell which stored posts a takedown would remove, and change nothing."""
        body = await read_body(request, TargetBody, lanes.photos)
        photo = await fingerprint(body.photo)

        def reach() -> Response:
            posts = remover.preview(post=body.post_id, link=body.link, photo=photo)
            shown = [stored_post(point, addresses) for point in posts[:_SHOWN]]
            return answer(TakedownPreview(shown, len(posts)))

        return await run_in_threadpool(reach)

    @routes.post(
        "/takedowns",
        openapi_extra=takes(TakedownBody, form=True),
        responses=gives(TakedownAnswer, 400, 401, 408, 413, 415, 422, 503, 507),
    )
    async def take_down(request: Request) -> Response:
        """Take down a post, a link or a photo; what is answered is gone."""
        body = await read_body(request, TakedownBody, lanes.photos)
        photo = await fingerprint(body.photo)

        def remove() -> Response:
            done = remover.take_down(body.by, body.reason, post=body.post_id, link=body.link, photo=photo)
            return answer(takedown_answer(done))

        return await run_in_threadpool(remove)

    @routes.get("/takedowns", responses=gives(TakedownsAnswer, 401, 422, 503))
    def takedowns(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """List the proof records, the latest first."""
        done = remover.takedowns.all()
        return answer(TakedownsAnswer([takedown_answer(each) for each in done[:limit]], len(done)))

    return routes


def takedown_answer(takedown: Takedown) -> TakedownAnswer:
    """A proof record as an answer has it."""
    return msgspec.convert(asdict(takedown), TakedownAnswer)
