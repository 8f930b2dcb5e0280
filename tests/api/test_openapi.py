"""The OpenAPI document tells a stranger everything that a client is made from."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.access.scopes import need_of
from tests.support.http_client import TestClient

FILES = {"/v1/posts/{post_id}/photo": "image/jpeg", "/v1/evidence": "application/zip"}


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def success(operation: dict[str, Any]) -> dict[str, Any]:
    """The answer where all went well: at once, or by a task."""
    responses: dict[str, dict[str, Any]] = operation["responses"]
    return responses.get("200") or responses["202"]


def test_every_operation_names_the_type_of_its_answer(document: dict[str, Any]) -> None:
    """No answer is left as anything: each leads to a type of the document that has properties."""
    named = list(operations(document))
    assert len(named) >= 18
    for path, method, operation in named:
        if path in FILES:
            assert list(operation["responses"]["200"]["content"]) == [FILES[path]]
            continue
        (content,) = success(operation)["content"].values()
        name = content["schema"]["$ref"].rpartition("/")[2]
        assert document["components"]["schemas"][name]["properties"], f"{method} {path}"


def test_answers_have_examples(document: dict[str, Any]) -> None:
    """Whoever reads it sees what comes back; lines of a bulk are shown on the page about posts."""
    for path, method, operation in operations(document):
        for media, content in success(operation)["content"].items():
            assert "ndjson" in media or media in FILES.values() or "example" in content, f"{method} {path}"


def test_errors_are_problems(document: dict[str, Any]) -> None:
    """Whatever is not 200 is a problem that is named; readiness and lines of a bulk say it themselves."""
    for path, method, operation in operations(document):
        for code, response in operation["responses"].items():
            if (
                code not in ("200", "202", "304")
                and path != "/readyz"
                and not (path.endswith((":bulk", "/rejected")) and code in ("503", "507"))
            ):
                content = response["content"]["application/problem+json"]
                assert content["schema"]["$ref"].endswith("/Problem"), f"{method} {path} {code}"


def test_a_bulk_is_described_as_lines(document: dict[str, Any]) -> None:
    """NDJSON goes in and comes out."""
    bulk = document["paths"]["/v1/posts:bulk"]["post"]
    assert list(bulk["requestBody"]["content"]) == ["application/x-ndjson", "application/json"]
    assert list(bulk["responses"]["200"]["content"]) == ["application/x-ndjson"]


def test_who_may_ask_is_described(document: dict[str, Any]) -> None:
    """What only the site may do wants a key, and names its scope; visitors need none."""
    assert document["components"]["securitySchemes"]["siteKey"]["scheme"] == "bearer"
    for path, method, operation in operations(document):
        if path.startswith("/v1/"):
            need = need_of(method.upper(), path)
            assert ({} in operation["security"]) is need.visitors, f"{method} {path}"
            assert operation["security"][-1]["siteKey"] == ([need.scope] if need.scope else []), f"{method} {path}"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/posts/nobody", 404), ("/v1/posts/held-child", 451), ("/v1/posts/sea-0/similar?limit=0", 422)],
    ids=["absent", "withheld", "wrong"],
)
def test_a_problem_that_comes_is_one_that_was_announced(
    site: TestClient, document: dict[str, Any], path: str, status: int
) -> None:
    """The document names the status that really comes."""
    template = "/v1/posts/{post_id}/similar" if "similar" in path else "/v1/posts/{post_id}"
    assert site.get(path).status_code == status
    assert str(status) in document["paths"][template]["get"]["responses"]
