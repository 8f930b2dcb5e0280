"""Reading bodies: JSON or a form with a file, never more than the limit, with a sentence for whatever is wrong."""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BadRequest
from api.load.body_room import SMALL, BodyRoom
from api.load.lane import Lane
from api.problems import explain

Body = TypeVar("Body", bound=BaseModel)

STREAMED = "/v1/posts:bulk"
IMPORTED = "/v1/posts:import"
_BODIES = 2  # times the largest body: what all of them together may take
_JSON_IN_FORMS = ("weights", "filter", "facet_query")
_OTHER_CHARSET = re.compile(r'charset(?!="?utf-8"?\s*(;|$))', re.IGNORECASE)


class LimitBody:
    """Middleware that stops reading a body at the limit, and before those of all requests together take too much.

    Streamed routes watch their own lines.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._room = BodyRoom(_BODIES * limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is announced and what is received."""
        if scope["type"] != "http" or scope["path"] in (STREAMED, IMPORTED):
            await self._app(scope, receive, send)
            return
        share, announced, received = self._room.open(), _announced(scope), 0

        def count(size: int) -> None:
            if size > self._limit:
                raise BadRequest(
                    f"The body is larger than {self._limit >> 20} MB: send a smaller photo.", "too_large", 413
                )
            share.grow(size)

        async def counted() -> Message:
            nonlocal received
            count(announced)  # before anything of it is read
            message = await receive()
            received += len(message.get("body", b""))
            count(received)
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            share.close()


def _announced(scope: Scope) -> int:
    """The length that the head of a request tells, 0 where it tells none."""
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(told) if told.isdigit() and len(told) < 20 else 0


async def _whole(request: Request) -> bytearray:
    """All of a body, which nobody keeps once it is read: of a large one that counts."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
    return body


async def read_body(request: Request, schema: type[Body], photos: Lane | None = None) -> Body:
    """Read and check a body of the given schema; a large one, which has a photo, only where the lane has a place."""
    if photos is not None and _announced(request.scope) > SMALL:
        photos.check_place()
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind == "application/json":
        fields = _json(await _whole(request))
    elif kind == "multipart/form-data":
        fields = await _form(request, _lists(schema))
    else:
        raise BadRequest(
            f"The content type {kind[:60]!r} is not taken: send application/json or multipart/form-data.",
            "unsupported_media_type",
            415,
        )
    if isinstance(fields.get("photo"), str):
        fields["photo"] = _from_base64(fields["photo"])
    return _checked(fields, schema)


async def read_fields(request: Request, *kinds: str) -> dict[str, Any]:
    """Read a body that is one JSON object of one of these media types, whatever its fields are."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise BadRequest(
            f"The content type {kind[:60]!r} is not taken: send {' or '.join(kinds)}.", "unsupported_media_type", 415
        )
    return _json(await _whole(request))


def read_query(request: Request, schema: type[Body], names: Mapping[str, str]) -> Body:
    """Read what stands behind the `?` of an address as a body of the given schema; `names` are by those there."""
    fields: dict[str, Any] = {}
    lists = _lists(schema)
    for name, value in request.query_params.multi_items():
        if name not in names or (name in fields and names[name] not in lists):
            raise BadRequest(f"{name[:80]}: there is no such parameter, or it stands there twice.", "wrong_field", 422)
        if value == "":
            continue
        if names[name] in _JSON_IN_FORMS:
            fields[name] = _json(value.encode())
        elif names[name] in lists:
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return _checked({names[name]: value for name, value in fields.items()}, schema)


@cache
def _lists(schema: type[BaseModel]) -> frozenset[str]:
    fields = schema.model_json_schema()["properties"]
    kinds = {name: [field, *field.get("anyOf", ())] for name, field in fields.items()}
    return frozenset(name for name, of in kinds.items() if any(kind.get("type") == "array" for kind in of))


def _checked(fields: Mapping[str, Any], schema: type[Body]) -> Body:
    try:
        return schema.model_validate(fields)
    except ValidationError as error:
        raise BadRequest(explain(error.errors()), "wrong_field", 422) from None


def _json(body: bytes | bytearray) -> dict[str, Any]:
    try:
        fields = orjson.loads(body)
    except ValueError as error:
        raise BadRequest(f"The body is no JSON ({error}): send one JSON object.", "broken_json") from None
    if not isinstance(fields, dict):
        raise BadRequest('The body must be one JSON object, such as {"text": "sunset"}.', "broken_json")
    return fields


async def _form(request: Request, lists: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if _OTHER_CHARSET.search(request.headers["content-type"]):  # some charsets decode to what is no text
        raise BadRequest("A form is read as UTF-8: send it without a charset.", "unsupported_media_type", 415)
    async with request.form(max_files=1, max_fields=100) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename or value.size:  # browsers send a nameless, empty file where none was chosen
                    fields[name] = await value.read()
            elif value != "":
                if name in lists:
                    fields.setdefault(name, []).append(value)
                else:
                    fields[name] = _json(value.encode()) if name in _JSON_IN_FORMS else value
    return fields


def _from_base64(photo: str) -> bytes:
    encoded = photo.partition(",")[2] if photo.startswith("data:") else photo
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(
            "photo is not base64: send the bytes of the file as base64.", "photo_not_base64", 422
        ) from None
