"""Sessions of the desk: signed in with a key, as long as the key is in force, and no page but ours writes by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.access.key_file import KeyFile
from api.access.scopes import Scope
from api.access.sessions import COOKIE
from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from tests.support.http_client import STRANGER, TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import World

DECISION = {"by": "m1", "decisions": [{"id": "old", "child": "clear"}]}
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Desk:
    """A desk in a browser: a client that keeps cookies, at a service whose clock a test turns."""

    def __init__(self, keys: KeyFile, client: TestClient) -> None:
        self.keys = keys
        self.client = client
        self.now = START

    def sign_in(self, *scopes: Scope) -> Any:
        secret, _ = self.keys.create("desk", frozenset(scopes))
        return self.client.post("/v1/session", json={"key": secret})

    def decide(self, token: str | None, **headers: str) -> Any:
        sent = {**headers, **({"X-Desk-Token": token} if token else {})}
        return self.client.post("/v1/review", json=DECISION, headers=sent)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = ReferenceStore()
    World(store, None).take({"id": "old", "text": "горы, снег, тропа"})
    keys = KeyFile(tmp_path / "keys.json", lambda: START)
    law = Law(Gate(load_policy(), default_lexicon(), now=lambda: made.now))
    made = Desk(keys, client_from(create_app(ServiceSettings(), Parts(store, law=law, keys=keys)), STRANGER))
    made.keys.create("other", frozenset({Scope.INGEST}))
    with made.client:
        yield made


def test_a_key_becomes_a_cookie_that_no_script_reads(desk: Desk) -> None:
    """The answer tells the scopes and the word for writes; the key is in neither it nor the cookie."""
    answer = desk.sign_in(Scope.REVIEW, Scope.TAKEDOWN)
    assert answer.json()["scopes"] == ["review", "takedown"]
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=3600"))
    assert "Secure" not in cookie  # without TLS the browser would not keep it
    assert desk.client.get("/v1/session").json() == answer.json()
    assert desk.client.get("/v1/review").status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"


def test_behind_tls_it_goes_by_tls_alone(desk: Desk) -> None:
    """A proxy before us says that the browser came by https."""
    secret, _ = desk.keys.create("desk", frozenset({Scope.REVIEW}))
    answer = desk.client.post("/v1/session", json={"key": secret}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["set-cookie"]


def test_writes_need_the_word(desk: Desk) -> None:
    """A cookie goes along by itself, so it is not enough: JSON or not, whatever the method."""
    token = desk.sign_in(Scope.REVIEW).json()["token"]
    for wrong in (None, "wrong", token[:-1]):
        problem_of(desk.decide(wrong), 403, "token_required")
    problem_of(desk.client.put("/v1/posts/old/compliance", json={"by": "m1", "child": "clear"}), 403, "token_required")
    problem_of(desk.client.delete("/v1/posts/old/compliance/consent?by=m1"), 403, "token_required")
    assert desk.decide(token).status_code == 200


def test_the_word_of_one_session_is_not_that_of_another(desk: Desk) -> None:
    """Whoever may sign in himself cannot write in the name of others."""
    own = desk.sign_in(Scope.REVIEW).json()["token"]
    desk.client.cookies.clear()
    other = desk.sign_in(Scope.REVIEW).json()["token"]
    assert own != other
    problem_of(desk.decide(own), 403, "token_required")


def test_pages_of_other_origins_do_not_have_the_session(desk: Desk) -> None:
    """Also those of a neighbour on the same site, to whom browsers send the cookie, and with the word."""
    token = desk.sign_in(Scope.REVIEW).json()["token"]
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "same-site"}):
        problem_of(desk.decide(token, **headers), 401, "key_required")
        problem_of(desk.client.get("/v1/session", headers=headers), 401, "key_required")


def test_a_foreign_page_cannot_sign_anybody_in(desk: Desk) -> None:
    """Nobody is made to decide under a key that another slipped in."""
    secret, _ = desk.keys.create("desk", frozenset({Scope.REVIEW}))
    answer = desk.client.post("/v1/session", json={"key": secret}, headers={"origin": "http://evil.example"})
    problem_of(answer, 403, "foreign_origin")
    problem_of(desk.client.post("/v1/session", content=b'{"key": "x"}'), 415)
    problem_of(desk.client.post("/v1/session", files={"key": (None, secret)}), 415)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": 5}, {"key": "x", "more": 1}, {"key": "x" * 2000}])
def test_what_is_no_key_is_said(desk: Desk, body: dict[str, Any]) -> None:
    """A body that is none is 422, as everywhere."""
    problem_of(desk.client.post("/v1/session", json=body), 422, "wrong_field")


def test_a_wrong_key_begins_nothing(desk: Desk) -> None:
    """Neither a made-up one nor a revoked one."""
    secret, key = desk.keys.create("desk", frozenset({Scope.REVIEW}))
    desk.keys.revoke(key.prefix)
    for sent, code in (("ps_made_up", "key_wrong"), ("ключ", "key_wrong"), (secret, "key_revoked")):
        answer = desk.client.post("/v1/session", json={"key": sent})
        problem_of(answer, 401, code)
        assert "set-cookie" not in answer.headers


def test_revoking_the_key_ends_the_session(desk: Desk) -> None:
    """With the very next request."""
    token = desk.sign_in(Scope.REVIEW).json()["token"]
    desk.keys.revoke(desk.keys.keys()[-1].prefix)
    problem_of(desk.client.get("/v1/session"), 401, "key_required")
    problem_of(desk.decide(token), 401, "key_required")


def test_a_session_ends_when_nobody_asks_for_it_and_after_half_a_day(desk: Desk) -> None:
    """GET /v1/session keeps it for another hour each time, with the same word, twelve hours in all."""
    token = desk.sign_in(Scope.REVIEW).json()["token"]
    for _ in range(12):
        desk.now += timedelta(minutes=59)
        assert desk.client.get("/v1/session").json()["token"] == token
    desk.now += timedelta(minutes=12)
    problem_of(desk.client.get("/v1/session"), 401, "key_required")
    desk.client.cookies.clear()
    desk.sign_in(Scope.REVIEW)
    desk.now += timedelta(minutes=60)
    problem_of(desk.client.get("/v1/review"), 401, "key_required")


def test_signing_out_takes_the_cookie_back(desk: Desk) -> None:
    """And says so to a browser that has none, too."""
    desk.sign_in(Scope.REVIEW)
    for _ in range(2):
        assert desk.client.delete("/v1/session").json() == {"scopes": [], "token": None}
    assert COOKIE not in desk.client.cookies
    problem_of(desk.client.get("/v1/review"), 401, "key_required")


def test_a_session_does_what_its_key_may_and_searches_as_a_visitor(desk: Desk) -> None:
    """The page for visitors on the same host goes on to work for a moderator."""
    token = desk.sign_in(Scope.REVIEW).json()["token"]
    problem_of(desk.client.get("/v1/takedowns"), 403, "scope_missing")
    problem_of(desk.client.delete("/v1/posts/old", headers={"X-Desk-Token": token}), 403, "scope_missing")
    found = desk.client.get("/v1/search?q=горы&country=IS").json()
    assert found["country"]["source"] == "unknown"
    assert desk.client.get("/v1/search", headers={"cookie": f"{COOKIE}=rubbish"}).status_code == 200


def test_on_a_machine_without_keys_the_desk_needs_no_key(tmp_path: Path) -> None:
    """GET /v1/session gives all scopes and a word; not to other pages, other machines, or who speaks for others."""
    app = create_app(ServiceSettings(), Parts(ReferenceStore(), keys=KeyFile(tmp_path / "keys.json")))
    here = client_from(app).get("/v1/session").json()
    assert here["scopes"] == sorted(Scope)
    assert here["token"]
    problem_of(client_from(app, STRANGER).get("/v1/session"), 401, "key_required")
    for headers in ({"origin": "http://evil.example"}, {"host": "evil.example"}, {"x-forwarded-for": "203.0.113.9"}):
        problem_of(client_from(app).get("/v1/session", headers=headers), 401, "key_required")
