"""Visitors say what they think of hits: what is kept is of posts that they may see, and the answer tells nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import Parts, create_app
from api.feedback.feedback_folder import FeedbackFolder
from api.settings import ServiceSettings
from tests.support.http_client import PROXY, STRANGER, TestClient, client_from, problem_of
from tests.support.small_world import World
from topic_model.models import Models

SETTINGS = ServiceSettings(trusted_proxies=(f"{PROXY}/32",), feedback_text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "feedback"


@pytest.fixture
def client(world: World, folder: Path) -> Iterator[TestClient]:
    parts = Parts(world.store, models=Models(world.model), feedback=folder)
    with client_from(create_app(SETTINGS, parts), PROXY) as client:
        yield client


def say(client: TestClient, country: str = "RU", **body: Any) -> Any:
    fields = {"text": "море", "post_id": "sea-0", "reaction": "good", **body}
    return client.post("/v1/feedback", json=fields, headers={"x-country": country})


def kept(folder: Path) -> list[tuple[str | None, str, str]]:
    return [(line.text, line.post, line.reaction) for line in FeedbackFolder(folder, 2**20).read()]


def test_a_vote_and_a_click_are_kept(client: TestClient, folder: Path) -> None:
    """With the words of the question where the site wants them; a list has none."""
    assert say(client, rank=2).json() == {"status": "taken"}
    assert say(client, text=None, reaction="click").status_code == 200
    assert kept(folder) == [("море", "sea-0", "good"), ("", "sea-0", "click")]


def test_what_the_visitor_could_not_see_is_not_kept_and_not_told(client: TestClient, folder: Path) -> None:
    """A held post, one that is not there, and a question that the law refuses are answered like any other."""
    answers = [
        say(client, post_id="held-child"),
        say(client, post_id="nobody"),
        say(client, text="toddler at the sea"),
        say(client, country="DE", post_id="held-review"),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, '{"status":"taken"}')}
    assert kept(folder) == []
    assert say(client, country="IS", post_id="held-child").status_code == 200
    assert kept(folder) == [("море", "held-child", "good")]


def test_who_says_too_much_is_told_to_wait(world: World, folder: Path) -> None:
    """So many a minute from one address; the site's own programs are not counted."""
    parts = Parts(world.store, models=Models(world.model), feedback=folder)
    app = create_app(ServiceSettings(), parts)
    with client_from(app, STRANGER) as visitor, client_from(app) as site:
        codes = [say(visitor).status_code for _ in range(70)]
        assert codes[:60] == [200] * 60
        problem_of(say(visitor), 429, "too_many_requests")
        assert say(site).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"reaction": "meh"}, {"rank": 0}, {"post_id": ""}, {"who": "me"}, {"text": "x" * 2001}]
)
def test_what_is_no_feedback_is_refused(client: TestClient, folder: Path, wrong: dict[str, Any]) -> None:
    """With the name of the field."""
    assert next(iter(wrong)) in problem_of(say(client, **wrong), 422, "wrong_field")["detail"]
    assert kept(folder) == []
