"""Each request has an id and, where it is wanted, a line; none of them holds what was asked."""

import json
import logging
import re

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.telemetry.observer import HEADER, Observer
from api.visitor import Caller, Means


@pytest.fixture
def client() -> TestClient:
    """An app of two addresses, observed, with a log."""
    app = FastAPI()
    app.add_middleware(Observer, log=True)

    @app.get("/posts/{post_id}")
    async def post(post_id: str, q: str = "") -> dict[str, str]:
        return {"post": post_id, "q": q}

    @app.get("/asked-by/{means}")
    async def asked_by(request: Request, means: Means) -> str:
        request.state.caller = Caller(means, frozenset(), None, False)
        return means

    return TestClient(app)


def test_an_id_is_handed_back(client: TestClient) -> None:
    """That of the caller, where it is one; else a new one each time."""
    assert client.get("/posts/1", headers={HEADER: "abc-1.2_3"}).headers[HEADER] == "abc-1.2_3"
    for strange in ("", "a b", "x" * 65, "<script>"):
        made = client.get("/posts/1", headers={HEADER: strange}).headers[HEADER]
        assert re.fullmatch("[0-9a-f]{16}", made)


def test_a_line_tells_where_and_how_long_and_nothing_that_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """No question, no id of a post, no path that nobody made."""
    with caplog.at_level(logging.INFO, logger="photosense.access"):
        client.get("/posts/secret-post?q=secret-question", headers={HEADER: "r1"})
        client.get("/secret-path")
    first, second = (json.loads(record.getMessage()) for record in caplog.records if record.name == "photosense.access")
    assert (first["request"], first["method"], first["route"], first["status"]) == (
        "r1",
        "GET",
        "/posts/{post_id}",
        200,
    )
    assert first["ms"] >= 0
    assert first["bytes"] > 0
    assert (second["route"], second["status"]) == ("(no address)", 404)
    assert "secret" not in json.dumps([first, second])


@pytest.mark.parametrize("means", list(Means))
def test_whoever_asks_by_whatever_means_has_a_line_and_his_answer(
    client: TestClient, caplog: pytest.LogCaptureFixture, means: Means
) -> None:
    """A visitor's token was none of those that the log knew, and his connection was cut."""
    with caplog.at_level(logging.INFO, logger="photosense.access"):
        assert client.get(f"/asked-by/{means}").status_code == 200
    (line,) = (json.loads(record.getMessage()) for record in caplog.records if record.name == "photosense.access")
    names = {Means.KEY: "key", Means.SESSION: "session", Means.TOKEN: "token", Means.HERE: "this machine"}
    assert line["by"] == names.get(means, "visitor")
