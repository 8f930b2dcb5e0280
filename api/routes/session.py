"""Addresses of the desk's sessions: a key in, a cookie out that no script can read."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access.origin import could_be_a_form, is_foreign
from api.access.porter import Porter
from api.access.scopes import ALL
from api.access.sessions import Session
from api.answers import SessionAnswer
from api.bodies import read_body
from api.errors import BadRequest, Forbidden, NotForVisitors
from api.openapi import gives, takes
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.visitor import Means


class SessionBody(BaseModel):
    """A key to sign in with."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    key: Annotated[str, Field(min_length=1, max_length=1000, description="A key of the site.")]


def session_routes(porter: Porter) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes("/v1", "access")

    @routes.get("/session", responses=gives(SessionAnswer, 401))
    async def session(request: Request) -> Response:
        """Say what this browser may do, and the word that it writes with; the session goes on for another hour."""
        asking = porter.recognise(request)
        if asking.means is Means.HERE and not asking.is_foreign:
            return answer(_here(porter))
        signed_in = porter.sessions.of(request) if asking.means is Means.SESSION else None
        if signed_in is None:
            raise NotForVisitors("There is no session: sign in with a key, POST /v1/session.")
        return _kept(porter, signed_in, request)

    @routes.post(
        "/session", openapi_extra=takes(SessionBody), responses=gives(SessionAnswer, 400, 401, 403, 408, 413, 415, 422)
    )
    async def sign_in(request: Request) -> Response:
        """Begin a session with a key."""
        if is_foreign(request):
            raise Forbidden("A page of another origin cannot sign in: open the desk of this service.", "foreign_origin")
        if could_be_a_form(request):
            raise BadRequest("Send the key as application/json.", "unsupported_media_type", 415)
        body = await read_body(request, SessionBody)
        return _kept(porter, porter.sessions.begin(body.key), request)

    @routes.delete("/session", responses=gives(SessionAnswer))
    async def sign_out() -> Response:
        """End the session of this browser."""
        response = answer(SessionAnswer((), None))
        porter.sessions.end(response)
        return response

    return routes


def _here(porter: Porter) -> SessionAnswer:
    return SessionAnswer(sorted(ALL), porter.sessions.here())


def _kept(porter: Porter, session: Session, request: Request) -> Response:
    response = answer(SessionAnswer(sorted(session.key.scopes), session.token))
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").lower())
    porter.sessions.keep(session, response, secure=secure)
    return response
