"""A client that speaks HTTP to an app in the same process, from any address."""

import warnings
from typing import Any

from fastapi import FastAPI

with warnings.catch_warnings():
    # Starlette would rather have httpx2, which comes along with an extra only.
    warnings.filterwarnings("ignore", message=".*httpx.*")
    from starlette.testclient import TestClient

LOOPBACK = "127.0.0.1"
PROXY = "10.1.2.3"
STRANGER = "203.0.113.9"

JSON_MEDIA = {"application/json", "application/problem+json"}


def client_from(app: FastAPI, address: str = LOOPBACK) -> TestClient:
    """Speak to the app from an address; an error that the app did not foresee is raised in the test."""
    return TestClient(app, client=(address, 50000), base_url="http://127.0.0.1")


def problem_of(response: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """Check that an answer is a whole problem with this status, and give its body."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail"}
    assert body["status"] == status
    assert body["title"]
    assert body["code"].replace("_", "").isalnum()
    assert body["code"] == code or code is None, body
    assert " " in body["detail"]
    assert len(body["detail"]) < 1000
    return body
