"""Every error as problem+json (RFC 9457): one table from error to status and code, and a sentence for people."""

import logging
import secrets
import traceback
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from api.answers import Problem
from api.errors import ApiError
from api.idempotency.answer_book import Repeated
from api.responses import NEVER_CACHED
from compliance.errors import ComplianceError, RecordNotWritten
from ingest.errors import IngestError, PostRejected
from moderation.desk import OtherThanSeen
from qdrant.errors import (
    FilterRefused,
    ModelMissing,
    PointRefused,
    StoreBusy,
    StoreDamaged,
    StoreDown,
    StoreError,
    StoreFull,
)
from topic_model.errors import TopicModelError
from vision.errors import DecoderMissing, EncoderError, PhotoError

_log = logging.getLogger(__name__)

# The first class that fits counts: errors of one kind before their base.
TABLE: tuple[tuple[type[Exception], int, str], ...] = (
    (FilterRefused, 422, "wrong_filter"),
    (PointRefused, 422, "point_refused"),
    (StoreFull, 507, "store_full"),
    (StoreBusy, 503, "store_busy"),
    (StoreDown, 503, "store_down"),
    (StoreDamaged, 503, "store_damaged"),
    (ModelMissing, 409, "model_missing"),
    (StoreError, 503, "store_error"),
    (TopicModelError, 409, "model_error"),
    (DecoderMissing, 503, "decoder_missing"),
    (EncoderError, 503, "encoder_error"),
    (OtherThanSeen, 409, "changed"),
    (RecordNotWritten, 507, "record_not_written"),
    (ComplianceError, 503, "compliance_error"),
    (IngestError, 422, "ingest_error"),
)
_PHOTO_STATUS = {"photo_unsupported": 415, "photo_too_large": 413}
_PRIVATE = {"Cache-Control": "private, no-store"}


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Answer with a problem."""
    body = {"type": "about:blank", "title": _title(status), "status": status, "code": code, "detail": detail}
    retry = {"Retry-After": "5"} if status in (429, 503) else {}
    private = _PRIVATE if status == 451 else {}
    ask = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    leave = {"Connection": "close"} if status == 408 else {}
    all_headers = {**retry, **private, **ask, **leave, **(headers or {})}
    return Response(orjson.dumps(body), status, all_headers, media_type="application/problem+json")


def add_problems(app: FastAPI) -> None:
    """Give the app an answer for every error that can reach it."""

    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> Response:
        return problem(error.status, error.code, str(error))

    @app.exception_handler(PostRejected)
    async def rejected(_: Request, error: PostRejected) -> Response:
        return problem(422, error.reason, str(error))

    @app.exception_handler(PhotoError)
    async def photo_error(_: Request, error: PhotoError) -> Response:
        return problem(_PHOTO_STATUS.get(error.reason, 422), error.reason, str(error))

    @app.exception_handler(RequestValidationError)
    async def wrong_request(_: Request, error: RequestValidationError) -> Response:
        errors = [{**fault, "loc": fault["loc"][1:]} for fault in error.errors()]  # without "query" or "path"
        return problem(422, "wrong_field", explain(errors))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        code = _title(error.status_code).lower().replace(" ", "_")
        detail = (
            error.detail if error.detail != _title(error.status_code) else _HINTS.get(error.status_code, error.detail)
        )
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers |= {"Allow": ", ".join(methods_at(app.routes, request.scope))}
        return problem(error.status_code, code, detail, headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return problem(400, "client_gone", "The connection ended before the body did: send the request again.")

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        _log.error("unforeseen error %s: %s\n%s", reference, type(error).__name__, _where(error))
        return problem(500, "unforeseen", f"Something failed that should not; the service's log has it as {reference}.")

    @app.exception_handler(Repeated)
    async def repeated(_: Request, repeat: Repeated) -> Response:
        given = repeat.answer
        headers = {**NEVER_CACHED, "Idempotency-Replayed": "true"}
        return Response(given.body, given.status, headers, media_type=given.media or None)

    for kind, status, code in TABLE:
        app.add_exception_handler(kind, _handler(status, code))


def problem_code(error: Exception) -> str:
    """The code of an error, for whoever says it in words of his own."""
    if isinstance(error, PostRejected | PhotoError):
        return error.reason
    own = getattr(error, "code", None)
    return own or next((code for kind, _, code in TABLE if isinstance(error, kind)), "refused")


def methods_at(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """All methods of the address that is asked: a route knows its own alone."""
    known = [route for route in routes if isinstance(route, APIRoute)]
    asked = next((route.path_format for route in known if route.matches(scope)[0] is not Match.NONE), "")
    return sorted(
        {method for route in known if route.path_format == asked for method in route.methods or ()} - {"HEAD"}
    )


def as_problem(error: Exception) -> Problem:
    """Describe an error that belongs to one of several questions; what nobody foresaw goes on its way."""
    if isinstance(error, ApiError):
        return _described(error.status, error.code, str(error))
    for kind, status, code in TABLE:
        if isinstance(error, kind):
            return _described(status, code, str(error))
    raise error


def _described(status: int, code: str, detail: str) -> Problem:
    return Problem(title=_title(status), status=status, code=code, detail=detail)


_HINTS = {
    404: "There is no such address: the service's addresses are listed at /openapi.json.",
    405: "This address does not take that method: /openapi.json lists what it takes.",
}


def _where(error: BaseException) -> str:
    """The lines of code that it passed through; what it says may quote a question or a post, and stays out of logs."""
    passed = "".join(traceback.format_tb(error.__traceback__))
    cause = error.__cause__ or error.__context__
    return passed if cause is None else f"{passed}after {type(cause).__name__}\n{_where(cause)}"


def explain(errors: Any) -> str:
    """Say in a sentence what pydantic found wrong."""
    parts = []
    for error in list(errors)[:3]:
        where = ".".join(map(str, error["loc"]))
        parts.append(f"{where[:80] or 'the body'}: {_plain(error['msg'])}")
    return "; ".join(parts) + ". The fields and their limits are listed at /openapi.json."


def _plain(message: str) -> str:
    """Say it in our words where pydantic's are for programmers."""
    message = message.removeprefix("Value error, ").replace("Extra inputs are not permitted", "there is no such field")
    return message[:200]


def _handler(status: int, code: str) -> Any:
    async def handle(_: Request, error: Exception) -> Response:
        return problem(status, code, str(error))

    return handle


def _title(status: int) -> str:
    return HTTPStatus(status).phrase
