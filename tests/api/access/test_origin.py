"""Whose page asks: what browsers say of it, and what they cannot send without asking."""

from collections.abc import Mapping

import pytest
from starlette.requests import Request

from api.access.origin import could_be_a_form, is_foreign


def request(headers: Mapping[str, str], method: str = "POST") -> Request:
    raw = [(name.encode(), value.encode()) for name, value in {"host": "localhost:8000", **headers}.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""})


OURS: list[dict[str, str]] = [
    {},
    {"origin": "http://localhost:8000"},
    {"origin": "http://LOCALHOST:8000"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-origin", "origin": "https://photos.example"},  # a proxy put another host
]
FOREIGN: list[dict[str, str]] = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://localhost:3000"},
    {"origin": "http://localhost"},
    {"origin": "http://127.0.0.1:8000"},
    {"origin": "http://localhost:8000.evil.example"},
    {"origin": "http://evil.example/localhost:8000"},
    {"origin": "://localhost:8000"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"},
    {"sec-fetch-site": "SAME-ORIGIN ", "origin": "http://evil.example"},
]


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_programs_and_our_own_pages_are_not_foreign(headers: dict[str, str]) -> None:
    """Programs say nothing, and our pages what the browser vouches for."""
    assert not is_foreign(request(headers))


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_other_pages_are(headers: dict[str, str]) -> None:
    """Another host, another port, no origin at all, or what no browser sends."""
    assert is_foreign(request(headers))


@pytest.mark.parametrize(
    "media", ["", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/json"]
)
def test_what_a_form_could_send(media: str) -> None:
    """All that a page may have sent without asking; the same by PUT has to be asked for."""
    headers = {"content-type": media} if media else {}
    assert could_be_a_form(request(headers))
    assert not could_be_a_form(request(headers, "PUT"))


@pytest.mark.parametrize("media", ["application/json", "application/json; charset=utf-8", "application/x-ndjson"])
def test_what_it_could_not(media: str) -> None:
    """For these a browser asks first, and is refused."""
    assert not could_be_a_form(request({"content-type": media}))
