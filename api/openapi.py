"""The OpenAPI document: the types of answers and problems, bodies that are read by hand, and who may ask what."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api import answers
from api.access.scopes import need_of
from api.answers import AnyHit, Problem
from api.examples import EXAMPLES
from api.idempotency.repeats import HEADER, takes_key
from api.tasks.task import TaskAnswer
from ingest.post import Post

NDJSON: Final = "application/x-ndjson"
_COMPONENTS: Final = "#/components/schemas/{name}"
_REASONS: Final = {
    400: "It cannot be understood, or the connection ended before the body did.",
    401: "This needs a key, or the one that was sent is wrong, expired or revoked.",
    403: "The key has not the scope, a page of another origin asks, or a signed address was changed or is over.",
    404: "There is no such thing: no such post, task or model.",
    408: "The body came too slowly: the connection is closed.",
    409: "Model and store do not fit, something is missing or under way, or what is stored is not what was expected.",
    413: "The body or the photo is too large.",
    415: "The body or the photo is of a kind that is not taken.",
    422: "A field is missing, wrong or out of its limits.",
    429: "Too much at once: ask again after the time in Retry-After.",
    451: "The visitor's law withholds the post: `detail` is the sentence.",
    503: "Too much is under way, or the store or another part is down: ask again after the time in Retry-After.",
    507: "The disk reserve is reached; what was stored before stays stored.",
}
_IDEMPOTENCY_KEY: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Sent once more with the same key, the request is answered as it was and not done again, for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def gives(
    kind: type[msgspec.Struct], *problems: int, also: Mapping[int, type[msgspec.Struct]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Describe what a route answers: its type, and the problems that it may answer instead."""
    described: dict[int | str, dict[str, Any]] = {200: _content(kind), **{code: _problem(code) for code in problems}}
    return described | {code: _content(other) for code, other in (also or {}).items()}


def gives_task(*problems: int) -> dict[int | str, dict[str, Any]]:
    """Describe a route that answers a task, which is done later."""
    return {202: _content(TaskAnswer), **{code: _problem(code) for code in problems}}


def gives_photo(*problems: int) -> dict[int | str, dict[str, Any]]:
    """Describe a route that answers a photo, or that the one which the browser keeps may still be shown."""
    photo = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}
    described: dict[int | str, dict[str, Any]] = {
        200: {"description": "The photo.", "content": photo},
        304: {"description": "The photo with the ETag in If-None-Match is still what is shown.", "content": {}},
    }
    return described | {code: _problem(code) for code in problems}


def gives_zip(*problems: int) -> dict[int | str, dict[str, Any]]:
    """Describe a route that answers files, packed."""
    files = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": "The files.", "content": files}, **{code: _problem(code) for code in problems}}


def gives_lines(kind: type[msgspec.Struct], *problems: int) -> dict[int | str, dict[str, Any]]:
    """Describe a route that answers a line for each line, as NDJSON; also where the store refused some of them."""
    lines = {"description": f"{NDJSON}: one {kind.__name__} a line.", "content": {NDJSON: _schema(kind)}}
    described: dict[int | str, dict[str, Any]] = {200: lines, **{code: _problem(code) for code in problems}}
    for code in (503, 507):
        described[code] = {**lines, "description": f"{_REASONS[code]} The lines that were refused say so."}
    return described


def takes(body: type[BaseModel], *, form: bool = False) -> dict[str, Any]:
    """Describe a body that is read by hand, because its mistakes are answered in our words."""
    schema = {"schema": _body_schema(body)}
    content = {"application/json": schema, **({"multipart/form-data": schema} if form else {})}
    return {"requestBody": {"required": True, "content": content}}


def asks(body: type[BaseModel], names: Mapping[str, str]) -> dict[str, Any]:
    """Describe the same fields as parameters of an address; `names` are the fields by what they are called there."""
    properties = _body_schema(body)["properties"]
    return {"parameters": [_parameter(name, properties[field]) for name, field in names.items()]}


def _body_schema(body: type[BaseModel]) -> dict[str, Any]:
    """A copy, for whoever builds the document changes what it is given."""
    return deepcopy(_worked_out(body))


@cache
def _worked_out(body: type[BaseModel]) -> dict[str, Any]:
    described = body.model_json_schema()
    schema: dict[str, Any] = _inlined(described, described.pop("$defs", {}))
    return schema


def _parameter(name: str, field: Mapping[str, Any]) -> dict[str, Any]:
    """One parameter; an object is written as JSON, a list by saying the name again."""
    (kind, *_) = [one for one in field.get("anyOf", [field]) if one.get("type") != "null"]
    says = {key: field[key] for key in ("description", "default") if key in field}
    described = {"name": name, "in": "query", "required": False, "description": says.pop("description", "")}
    if kind.get("type") == "object":
        return described | {"schema": {"type": "string", "contentMediaType": "application/json", **says}}
    return described | {"schema": kind | says}


def takes_lines(*, arrays: bool = True) -> dict[str, Any]:
    """Describe a body of posts, one JSON object a line, or one array of them."""
    lines = {"schema": {"type": "string", "description": "One post a line, as docs/posts.md describes it."}}
    array = {"schema": {"type": "array", "items": _post_schema()}}
    content = {NDJSON: lines, **({"application/json": array} if arrays else {})}
    return {"requestBody": {"required": True, "content": content}}


def takes_post(*kinds: str) -> dict[str, Any]:
    """Describe a body that is one post, or a part of one, at its own address."""
    schema = _post_schema()
    schema["properties"] = {name: of for name, of in schema["properties"].items() if name != "id"}
    schema.pop("required")
    if len(kinds) > 1:  # of a part, `null` removes what it names
        schema["properties"] = {name: _or_null(of) for name, of in schema["properties"].items()}
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}}


def _post_schema() -> dict[str, Any]:
    return deepcopy(_worked_out_post())


@cache
def _worked_out_post() -> dict[str, Any]:
    (_, parts) = msgspec.json.schema_components([Post], ref_template=_COMPONENTS)
    schema: dict[str, Any] = _inlined(parts["Post"], parts)
    return schema


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in schema.items() if name != "default"}
    kinds = plain.get("anyOf", [plain])
    return plain if {"type": "null"} in kinds else {"anyOf": [*kinds, {"type": "null"}]}


def describe_answers(app: FastAPI) -> None:
    """Let the app's document name every type, and who may ask."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # which is how FastAPI wants it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes, description=__doc__)
    document["info"]["description"] = "Search by text and photo, with the law applied. More than types: docs/http.md."
    components = document.setdefault("components", {})
    components["schemas"] = _schemas()
    components["securitySchemes"] = {
        "siteKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of the host site with the scope; where there are no keys, this machine is the site.",
        }
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            responses = operation["responses"]
            if "HTTPValidationError" in str(responses.get("422")):
                responses["422"] = _problem(422)
            for response in responses.values():  # a medium that FastAPI adds where a route names another
                described = {media: content for media, content in response["content"].items() if content["schema"]}
                response["content"] = described
            need = need_of(method.upper(), path)
            if takes_key(method.upper(), path):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
                for code in (400, 409, 422):
                    responses.setdefault(str(code), _problem(code))
            for code in (401, 403, 429) if need.scope else (401, 429) if path.startswith("/v1/") else (401,):
                responses.setdefault(str(code), _problem(code))
            if path.startswith("/v1/"):
                key = {"siteKey": [need.scope.value] if need.scope else []}
                operation["security"] = [{}, key] if need.visitors else [key]
    return document


def _schemas() -> dict[str, Any]:
    kinds = [kind for kind in vars(answers).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    kinds = [kind for kind in kinds if kind is not msgspec.Struct]
    _, schemas = msgspec.json.schema_components(kinds, schema_hook=_any_hit, ref_template=_COMPONENTS)
    return schemas


def _any_hit(kind: type) -> dict[str, Any]:
    if kind is not AnyHit:
        raise NotImplementedError(kind)
    return {"oneOf": [{"$ref": _COMPONENTS.format(name=name)} for name in ("Hit", "Withheld")]}


def _content(kind: type[msgspec.Struct]) -> dict[str, Any]:
    example = EXAMPLES.get(kind)
    part = {} if example is None else {"example": msgspec.to_builtins(example)}
    return {"description": (kind.__doc__ or "").split("\n")[0], "content": {"application/json": _schema(kind) | part}}


def _problem(code: int) -> dict[str, Any]:
    return {"description": _REASONS[code], "content": {"application/problem+json": _schema(Problem)}}


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"schema": {"$ref": _COMPONENTS.format(name=kind.__name__)}}


def _inlined(part: Any, parts: Mapping[str, Any]) -> Any:
    """Say it inline: a reference into a body's schema would point nowhere from within the service's own document."""
    if isinstance(part, dict):
        if "$ref" in part:
            return _inlined(parts[part["$ref"].rpartition("/")[2]], parts)
        return {name: _inlined(value, parts) for name, value in part.items()}
    return [_inlined(value, parts) for value in part] if isinstance(part, list) else part
