"""The address of visitors' tokens, for the site's backend: what it knows of a visitor in, a signed token out."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.access.visitor_tokens import LONGEST, MOST_FILTER, VisitorToken, VisitorTokens, as_claim
from api.answers import TokenAnswer
from api.bodies import read_body
from api.openapi import gives, takes
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.visitor import caller
from compliance.country import country_codes
from qdrant.grammar import read_filter


def _known(code: str) -> str:
    if code not in country_codes():
        raise ValueError(f"{code[:20]!r} is not an ISO 3166 country code (two letters, such as RU)")
    return code


def _short(wanted: dict[str, Any]) -> dict[str, Any]:
    if len(as_claim(wanted)) > MOST_FILTER:
        raise ValueError(f"the filter has more than {MOST_FILTER} characters as JSON: make it simpler")
    return wanted


class TokenBody(BaseModel):
    """What the site says of a visitor; without a country the proxy's is taken, else the strictest rule holds."""

    model_config = ConfigDict(extra="forbid")

    country: Annotated[str, Field(max_length=20), AfterValidator(_known)] | None = None
    filter: Annotated[
        dict[str, Any] | None,
        Field(description="What posts must be like to be there for this visitor at all; see docs/http.md."),
        AfterValidator(lambda wanted: wanted and _short(wanted)),
    ] = None
    language: Annotated[str | None, Field(pattern="^[a-z]{2}$", description="Of the sentence: two letters.")] = None
    seconds: Annotated[int, Field(ge=10, le=LONGEST)] = 3600


def token_routes(tokens: VisitorTokens) -> GuardedRoutes:
    """Build the route."""
    routes = GuardedRoutes("/v1", "access")

    @routes.post(
        "/tokens", openapi_extra=takes(TokenBody), responses=gives(TokenAnswer, 400, 401, 403, 408, 413, 415, 422)
    )
    async def make(request: Request) -> Response:
        """Sign what the site says of a visitor, for his browser to send instead of a key."""
        body = await read_body(request, TokenBody)
        within = None
        if body.filter is not None:
            read_filter(body.filter)
            within = as_claim(body.filter)
        token = VisitorToken(body.country, within, body.language)
        return answer(TokenAnswer(tokens.sign(token, caller(request).key, body.seconds), body.seconds))

    return routes
