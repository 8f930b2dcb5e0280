"""Limits over HTTP: told in each answer, 429 to who sends too much, and nobody pays for somebody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.access.key_file import KeyFile
from api.access.scopes import Scope
from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from tests.support.http_client import LOOPBACK, PROXY, STRANGER, TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore


class Limited:
    """A service with small limits, whose clock a test turns."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)
        self.keys = KeyFile(folder / "keys.json", lambda: self.now)
        law = Law(Gate(load_policy(), default_lexicon(), now=lambda: self.now))
        settings = ServiceSettings(key_rate=5, visitor_rate=3, trusted_proxies=(f"{PROXY}/32",))
        self.app = create_app(settings, Parts(ReferenceStore(), law=law, keys=self.keys))
        self.secret, _ = self.keys.create("backend", frozenset({Scope.ADMIN}))

    def ask(self, address: str, times: int, path: str = "/v1/search", **headers: str) -> list[Any]:
        client = client_from(self.app, address)
        return [client.get(path, headers=headers) for _ in range(times)]


@pytest.fixture
def limited(tmp_path: Path) -> Limited:
    return Limited(tmp_path)


def statuses(answers: list[Any]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_who_sends_too_much_is_told_when_to_go_on(limited: Limited) -> None:
    """429 with `Retry-After`; after that time it goes on."""
    *passed, over = limited.ask(STRANGER, 4)
    assert statuses(passed) == [200] * 3
    assert passed[0].headers["ratelimit"] == '"address";r=2;t=20'
    problem_of(over, 429, "too_many_requests")
    assert over.headers["retry-after"] == "20"
    assert over.headers["ratelimit-policy"] == '"address";q=3;w=60'
    limited.now += timedelta(seconds=20)
    assert statuses(limited.ask(STRANGER, 2)) == [200, 429]


def test_keys_and_addresses_have_allowances_of_their_own(limited: Limited) -> None:
    """The backend has that of its key from wherever it asks, visitors that of their address."""
    bearer = f"Bearer {limited.secret}"
    assert statuses(limited.ask(STRANGER, 4)) == [200, 200, 200, 429]
    assert statuses(limited.ask("203.0.113.77", 1)) == [200]
    assert statuses(limited.ask(STRANGER, 3, authorization=bearer)) == [200] * 3
    assert statuses(limited.ask("203.0.113.77", 3, authorization=bearer)) == [200, 200, 429]


def test_keys_cannot_be_tried_out(limited: Limited) -> None:
    """Each wrong one counts for the address that sends it."""
    tried = [limited.ask(STRANGER, 1, authorization=f"Bearer {number}")[0] for number in range(5)]
    assert statuses(tried) == [401, 401, 401, 429, 429]
    client = client_from(limited.app, "203.0.113.78")
    signed_in = [client.post("/v1/session", json={"key": f"{number}"}) for number in range(5)]
    assert statuses(signed_in) == [401, 401, 401, 429, 429]


def test_behind_a_proxy_visitors_are_told_apart(limited: Limited) -> None:
    """By the last address, which the proxy added itself; what a visitor put before it changes nothing."""
    first = {"x-forwarded-for": "198.51.100.1"}
    assert statuses(limited.ask(PROXY, 4, **first)) == [200, 200, 200, 429]
    assert statuses(limited.ask(PROXY, 1, **{"x-forwarded-for": "198.51.100.2"})) == [200]
    for made_up in ("10.0.0.1", "198.51.100.2", "nonsense"):
        assert statuses(limited.ask(PROXY, 1, **{"x-forwarded-for": f"{made_up}, 198.51.100.1"})) == [429]
    assert statuses(limited.ask(PROXY, 9)) == [200] * 9  # a proxy that tells nobody apart is not all its visitors
    assert statuses(limited.ask(STRANGER, 4, **{"x-forwarded-for": "198.51.100.3"})) == [200, 200, 200, 429]


def test_a_network_of_ipv6_is_one_visitor(limited: Limited) -> None:
    """Another address of the same household gives no further allowance."""
    assert statuses(limited.ask("2001:db8:1:2::1", 3) + limited.ask("2001:db8:1:2::ffff", 1)) == [200, 200, 200, 429]
    assert statuses(limited.ask("2001:db8:1:3::1", 1)) == [200]


def test_pages_and_health_are_not_counted(limited: Limited) -> None:
    """Neither are programs on this machine of a service without keys."""
    for path in ("/healthz", "/", "/openapi.json"):
        assert statuses(limited.ask(STRANGER, 5, path)) == [200] * 5
    here: TestClient = client_from(
        create_app(ServiceSettings(visitor_rate=1, key_rate=1), Parts(ReferenceStore())), LOOPBACK
    )
    answers = [here.get("/v1/review") for _ in range(3)]
    assert statuses(answers) == [200] * 3
    assert "ratelimit" not in answers[0].headers


def test_without_settings_nobody_is() -> None:
    """As it was."""
    client = client_from(create_app(ServiceSettings(), Parts(ReferenceStore())), STRANGER)
    answers = [client.get("/v1/topics") for _ in range(30)]
    assert set(statuses(answers)) == {200}
    assert "ratelimit" not in answers[0].headers
