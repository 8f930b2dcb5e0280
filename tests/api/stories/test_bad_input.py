"""Whatever cannot be taken is answered as a problem: a status, a stable code, a sentence, and never a failure."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import as_base64, photo_file

ASKING = ["/v1/search", "/v1/annotate", "/v1/match"]
JPEG = photo_file("sea", 1, "JPEG")
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JSON = {"content-type": "application/json"}

BROKEN = {
    "nothing": b"",
    "cut": b'{"text": "sea',
    "array": b'["sea"]',
    "string": b'"sea"',
    "null": b"null",
    "number": b"7",
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": '{"text": "sea"}'.encode("utf-16"),
    "lone surrogate": b'{"text": "\\ud800"}',
    "NaN": b'{"text": "sea", "min_match": NaN}',
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "two objects": b'{"text": "sea"}{"text": "sea"}',
}

WRONG: dict[str, dict[str, Any]] = {
    "text is a number": {"text": 7},
    "text is a list": {"text": ["sea"]},
    "text too long": {"text": "s" * 2001},
    "photo is a number": {"photo": 7},
    "photo is an object": {"photo": {"url": "https://photos.example/1.jpg"}},
    "country is a number": {"text": "sea", "country": 7},
    "country too long": {"text": "sea", "country": "R" * 101},
    "unknown field": {"text": "sea", "colour": "red"},
    "unknown field, long": {"text": "sea", "c" * 100_000: 1},
    "limit of zero": {"text": "sea", "limit": 0},
    "limit too high": {"text": "sea", "limit": 101},
    "limit of half": {"text": "sea", "limit": 1.5},
    "limit too large for a machine": {"text": "sea", "limit": 10**30},
}

NOTHING_ASKED: dict[str, dict[str, Any]] = {
    "empty": {},
    "empty text": {"text": ""},
    "blank text": {"text": " \t\n\u00a0"},
    "text is null": {"text": None},
}

WRONG_SEARCH: dict[str, dict[str, Any]] = {
    "offset below zero": {"offset": -1},
    "offset too high": {"offset": 901},
    "min_match above one": {"min_match": 1.01},
    "min_match below zero": {"min_match": -0.01},
    "mode": {"mode": "magic"},
    "weights are a list": {"weights": [1]},
    "a weight below zero": {"weights": {"text": -1}},
    "a weight too high": {"weights": {"text": 100.5}},
    "a weight of a word": {"weights": {"text": "much"}},
    "a weight of no modality": {"weights": {"texts": 1}},
    "sort is a number": {"sort": 1},
}

NO_PHOTOS = {
    "empty": (b"", 422, "photo_empty"),
    "HTML": (b"<!doctype html><title>404</title>", 415, "photo_unsupported"),
    "SVG": (SVG, 415, "photo_unsupported"),
    "PDF": (b"%PDF-1.7", 415, "photo_unsupported"),
    "text": (b"hello", 415, "photo_unsupported"),
    "NUL": (b"\0" * 100, 415, "photo_unsupported"),
    "cut JPEG": (JPEG[:200], 422, "photo_broken"),
    "head of a PNG": (photo_file("sea")[:20], 422, "photo_broken"),
}


@pytest.mark.parametrize("body", NOTHING_ASKED.values(), ids=NOTHING_ASKED)
def test_keywords_are_proposed_for_something(site: TestClient, body: dict[str, Any]) -> None:
    """Without a text and a photo there is nothing to annotate; a search then lists what there is."""
    problem_of(site.post("/v1/annotate", json=body), 422, "wrong_field")
    assert site.post("/v1/search", json=body).json()["query"]["mode"] == "browse"


@pytest.mark.parametrize("path", ASKING)
class TestBodies:
    @pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
    def test_broken_json_is_refused(self, site: TestClient, path: str, body: bytes) -> None:
        """One JSON object is expected, and the answer says so."""
        assert "JSON" in problem_of(site.post(path, content=body, headers=JSON), 400, "broken_json")["detail"]

    @pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
    def test_a_wrong_field_is_refused(self, site: TestClient, path: str, body: dict[str, Any]) -> None:
        """The answer leads to the list of fields, and does not grow with what was sent."""
        content = json.dumps(body)
        assert (
            "/openapi.json" in problem_of(site.post(path, content=content, headers=JSON), 422, "wrong_field")["detail"]
        )

    @pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 400])
    def test_a_number_beyond_all_bounds_is_refused(self, site: TestClient, path: str, number: str) -> None:
        """JSON knows no infinity, but numbers that become one."""
        body = f'{{"text": "sea", "limit": {number}, "min_match": {number}, "weights": {{"text": {number}}}}}'
        answer = site.post(path, content=body, headers=JSON)
        assert answer.status_code in (400, 422)
        problem_of(answer, answer.status_code)

    @pytest.mark.parametrize("photo", NO_PHOTOS.values(), ids=NO_PHOTOS)
    def test_what_is_no_photo_is_refused(self, site: TestClient, path: str, photo: tuple[bytes, int, str]) -> None:
        """In JSON and in a form alike: 415 for another kind of file, 422 for a broken one."""
        data, status, code = photo
        body = {"text": "море", "photo": as_base64(data)}
        problem_of(site.post(path, json=body), status, code)
        problem_of(site.post(path, files={"text": (None, "море"), "photo": ("a.jpg", data)}), status, code)

    @pytest.mark.parametrize("photo", ["море", "a b", "====", "a", "https://photos.example/1.jpg", "AAA*", "\u0000"])
    def test_a_photo_that_is_not_base64_is_refused(self, site: TestClient, path: str, photo: str) -> None:
        """URLs are not fetched: the bytes themselves are expected."""
        body = {"text": "море", "photo": photo}
        assert "base64" in problem_of(site.post(path, json=body), 422, "photo_not_base64")["detail"]

    @pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "image/jpeg", "x" * 5000])
    def test_another_content_type_is_refused(self, site: TestClient, path: str, media: str) -> None:
        """The answer names the two that are taken."""
        answer = site.post(path, content=b"text=sea", headers={"content-type": media})
        assert "application/json" in problem_of(answer, 415, "unsupported_media_type")["detail"]

    def test_a_body_beyond_the_limit_is_refused(self, small: TestClient, path: str) -> None:
        """With a length given or not, as JSON or as a form, reading stops at the limit."""
        body = b'{"text": "' + b"s" * (2**20) + b'"}'
        form = {"photo": ("a.jpg", b"\xff\xd8\xff" + bytes(2**20))}
        chunks: Iterator[bytes] = (body[at : at + 2**16] for at in range(0, len(body), 2**16))
        answers = [small.post(path, content=content, headers=JSON) for content in (body, chunks)]
        for answer in [*answers, small.post(path, files=form)]:
            assert "1 MB" in problem_of(answer, 413, "too_large")["detail"]


@pytest.fixture(scope="module")
def small() -> TestClient:
    """A service that takes bodies of one megabyte."""
    return client_from(create_app(ServiceSettings(max_body_mb=1), Parts(ReferenceStore())))


def test_a_body_at_the_limit_is_read(small: TestClient) -> None:
    """The limit itself is still within."""
    body = json.dumps({"text": "sea"}).encode()
    assert small.post("/v1/search", content=body + b" " * (2**20 - len(body)), headers=JSON).status_code == 200


@pytest.mark.parametrize("body", WRONG_SEARCH.values(), ids=WRONG_SEARCH)
def test_a_wrong_field_of_a_search_is_named(site: TestClient, body: dict[str, Any]) -> None:
    """Limits hold for each field, and the answer names the one."""
    problem = problem_of(site.post("/v1/search", json={"text": "sea", **body}), 422, "wrong_field")
    assert next(iter(body)) in problem["detail"]


ODD = {
    "NUL": "sea\u0000wave\u0000",
    "only a hash": "#",
    "many hashes": "# # ## #_",
    "emoji": "🌊" * 2000,
    "combining": "е" + "\u0301" * 1999,
    "right to left": "\u202eаes\u202c",
    "one word": "s" * 2000,
    "many words": "a1 " * 666,
    "tag of 2000": "#" + "s" * 1999,
    "controls": "".join(map(chr, range(1, 32))) + "x",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "a URL": "https://photos.example/" + "a" * 500,
    "quotes": "'; drop table posts; -- \" \\",
}


@pytest.mark.parametrize("mode", ["hybrid", "topics", "words"])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_text_is_searched_like_any_other(site: TestClient, text: str, mode: str) -> None:
    """It finds something, or the answer says in a sentence why not."""
    body = site.post("/v1/search", json={"text": text, "mode": mode}).json()
    assert body["hits"] or " " in body["notice"]
    assert site.post("/v1/annotate", json={"text": text}).status_code == 200


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/serach", "/v2/search", "/фото", "/v1/posts:bulk/x"])
def test_an_unknown_address_is_not_found(site: TestClient, path: str) -> None:
    """The answer leads to the list of addresses."""
    assert "/openapi.json" in problem_of(site.get(path), 404, "not_found")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/search", "GET, POST"),
        ("PUT", "/v1/annotate", "POST"),
        ("GET", "/v1/posts:bulk", "POST"),
        ("POST", "/v1/topics", "GET"),
        ("POST", "/v1/posts/a", "DELETE, GET, PATCH, PUT"),
        ("OPTIONS", "/v1/posts/a/compliance", "GET, PUT"),
        ("PUT", "/v1/posts/a/photo", "GET"),
        ("POST", "/", "GET"),
    ],
)
def test_a_wrong_method_is_refused(site: TestClient, method: str, path: str, allow: str) -> None:
    """The answer names the right methods, all of them."""
    answer = site.request(method, path, json={})
    problem_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allow


def test_a_client_that_hangs_up_is_no_failure(app: FastAPI) -> None:
    """A body that ends in mid-air is the client's affair: nothing is logged as unforeseen."""
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": b'{"text"', "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/search", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400
