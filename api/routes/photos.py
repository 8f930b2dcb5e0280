"""The address of a post's photo in small: the same decision as for the post, made whenever the photo is asked for."""

import hashlib
from typing import Annotated, Final

from fastapi import Query, Request, Response
from pydantic import AfterValidator

from api.access.scopes import Scope
from api.access.visitor_tokens import MOST_FILTER
from api.load.lanes import Lanes
from api.openapi import gives_photo
from api.photo_addresses import PhotoAddresses
from api.requests import CountryName
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.search.service import Service
from api.visitor import caller
from compliance.country import Country
from compliance.records.identifier import identifier
from vision.rendition import SIZES

_HEADERS: Final = {"Vary": "Authorization", "X-Content-Type-Options": "nosniff"}
# A browser may keep the bytes, and asks each time whether it may still show them.
_VISITOR: Final = {"Cache-Control": "private, no-cache", **_HEADERS}
_REVIEWER: Final = {"Cache-Control": "private, no-store", **_HEADERS}


def _known_size(size: int) -> int:
    if size not in SIZES:
        raise ValueError(f"photos are kept in the sizes {' and '.join(map(str, SIZES))}")
    return size


Size = Annotated[int, Query(json_schema_extra={"enum": list(SIZES)}), AfterValidator(_known_size)]
Decider = Annotated[str, AfterValidator(identifier)]


def photo_routes(service: Service, addresses: PhotoAddresses, lanes: Lanes) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes(tag="posts")

    @routes.get("/v1/posts/{post_id:post}/photo", responses=gives_photo(401, 403, 404, 422, 451, 503))
    async def photo(
        request: Request,
        post_id: str,
        size: Size | None = None,
        country: Annotated[CountryName | None, Query()] = None,
        within: Annotated[str | None, Query(max_length=MOST_FILTER)] = None,
        until: Annotated[int | None, Query(ge=0, le=10**11)] = None,
        review: bool = False,
        blurred: bool = False,
        by: Annotated[Decider | None, Query(description="Who looks at it for review, for the record.")] = None,
        signature: Annotated[str | None, Query(max_length=100)] = None,
    ) -> Response:
        """Show a post's photo in small, or smeared, where the visitor's law lets the post be seen."""
        asking = caller(request)
        if size is None:  # a post may be called so
            return answer(await lanes.searches.run(service.post, f"{post_id}/photo", asking.country(country)))
        if signature is not None:
            addresses.check(post_id, size, country or "", within or "", until or 0, signature, review=review)
        elif review:
            asking.require(Scope.REVIEW)
        visitor: Country | None = None
        if not review:
            visitor = asking.country(country) if signature is None else asking.country_signed(country, within)
        file = await lanes.searches.run(service.rendition, post_id, size, visitor, None if blurred else by or "")
        tag = f'"{hashlib.sha256(file).hexdigest()[:20]}"'
        headers = {**(_REVIEWER if review else _VISITOR), "ETag": tag}
        if not review and tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(file, headers=headers, media_type="image/jpeg")

    return routes
