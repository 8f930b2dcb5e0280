"""What is sent and what comes back, in terms of HTTP, for both clients."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import takewhile
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx

from photosense_client.answers import LineAnswer
from photosense_client.errors import (
    PhotosenseError,
    ServiceBusy,
    ServiceUnreachable,
    StoreFull,
    StrangeAnswer,
    problem_kind,
)
from photosense_client.version import VERSION

NDJSON: Final = "application/x-ndjson"


def base_of(url: str) -> str:
    """Return the address that paths are appended to."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is no address: {error}.") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError(f"{url!r} is no address of a service: give one such as https://search.photos.example/.")
    if address.query or address.fragment:
        raise ValueError(f"{url!r} has more than a path: give the address of the service without ? and #.")
    return url.rstrip("?#/") + "/"


def headers_of(key: str | None) -> dict[str, str]:
    """Return the headers of each request."""
    headers = {"User-Agent": f"photosense-client/{VERSION}"}
    if key is not None:
        if not key.isascii() or not key.isprintable() or not key.strip():
            raise ValueError("The key holds characters that none has: look for a line break or a blank in it.")
        headers["Authorization"] = f"Bearer {key.strip()}"
    return headers


def once_only(wanted: bool) -> dict[str, str]:
    """Return the header of a request that is to be carried out once, however often it is sent."""
    return {"Idempotency-Key": str(uuid4())} if wanted else {}


def post_address(post_id: str, then: str = "") -> str:
    """Return the path of a post; its id may hold anything."""
    name = quote(post_id, safe="")
    if name in (".", ".."):  # else they would be steps in the path
        name = name.replace(".", "%2E")
    return f"v1/posts/{name}{then}"


def query_of(fields: Mapping[str, Any]) -> httpx.QueryParams:
    """Return fields as parameters of an address: lists say the name again, mappings are JSON."""
    query = httpx.QueryParams()
    for name, value in fields.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            if one is not None:
                query = query.add(name, one if isinstance(one, str) else json.dumps(one, ensure_ascii=False))
    return query


def body_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are given."""
    return {name: value for name, value in fields.items() if value is not None}


def json_of(response: httpx.Response) -> object:
    """Return the JSON of an answer."""
    try:
        return response.json()
    except ValueError as error:
        raise StrangeAnswer(f"{response.url} answered with something that is no JSON.") from error


def checked(response: httpx.Response) -> httpx.Response:
    """Return the response if it is one of success.

    Raises:
        ServiceProblem: It is none.
    """
    if not response.is_success:
        raise refusal(response)
    return response


def refusal(response: httpx.Response) -> PhotosenseError:
    """Return the problem that was answered, as an exception."""
    status, request_id = response.status_code, response.headers.get("x-request-id")
    if response.is_success:
        return StrangeAnswer(f"{response.url} answered a push with something that is no {NDJSON}.")
    if response.is_redirect:
        target = response.headers.get("location", "nowhere")
        return StrangeAnswer(f"{response.url} leads on to {target[:300]}: give the address that answers itself.")
    try:
        problem = response.json()
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        code, detail = f"http_{status}", response.reason_phrase or "No reason was given."
    return problem_kind(status)(status, code, detail, request_id, _retry_after(response.headers))


def unreachable(base: str, error: Exception) -> ServiceUnreachable:
    """Return that no whole answer came, as an exception."""
    what = str(error) or type(error).__name__
    return ServiceUnreachable(f"{base} gave no answer: {what}.")


def has_lines(response: httpx.Response) -> bool:
    """Return whether the answer has a result for each line, as it does also where some of them failed."""
    return str(response.headers.get("content-type", "")).partition(";")[0].strip() == NDJSON


def settled_lines(results: Sequence[LineAnswer]) -> list[LineAnswer]:
    """Return the results before the first line that the store could not take."""
    return list(takewhile(lambda line: line.status != "failed", results))


def unsettled(
    results: Sequence[LineAnswer], settled: Sequence[LineAnswer], response: httpx.Response
) -> PhotosenseError:
    """Return why the line behind the settled ones is not settled."""
    if len(results) == len(settled):
        return ServiceUnreachable("The service ended its answer early.")
    failed = results[len(settled)]
    kind, status = (StoreFull, 507) if failed.reason == "store_full" else (ServiceBusy, 503)
    detail = failed.detail or "The store could not take the post."
    headers = response.headers
    return kind(status, failed.reason or "failed", detail, headers.get("x-request-id"), _retry_after(headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a `Retry-After` header names, as a number or as a date."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
