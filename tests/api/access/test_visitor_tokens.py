"""Tokens of visitors: made by a key, read by the service, ended with the key; everything else is 401."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from api.access.key_file import KeyFile
from api.access.scopes import Scope
from api.access.signer import Signer
from api.access.visitor_tokens import MOST_FILTER
from api.app import Parts, create_app
from api.settings import ServiceSettings
from common.secret_file import secret_in
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from tests.support.http_client import STRANGER, client_from, problem_of
from tests.support.reference_store import ReferenceStore

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
FILTER = {"field": "attrs.album", "equals": "море"}


class Backend:
    """The site's backend, with a key for searches; a test turns the service's clock."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.keys = KeyFile(folder / "keys.json", lambda: START)
        law = Law(Gate(load_policy(), default_lexicon(), now=lambda: self.now))
        self.client = client_from(
            create_app(ServiceSettings(), Parts(ReferenceStore(), law=law, keys=self.keys)), STRANGER
        )
        self.secret, self.key = self.keys.create("backend", frozenset({Scope.SEARCH}))
        self.signing = folder / "keys.secret"

    def make(self, **body: Any) -> Any:
        return self.client.post("/v1/tokens", json=body, headers={"authorization": f"Bearer {self.secret}"})

    def ask(self, token: str, path: str = "/v1/search") -> Any:
        return self.client.get(path, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    made = Backend(tmp_path)
    with made.client:
        yield made


def test_a_visitor_asks_by_it_until_it_is_over(backend: Backend) -> None:
    """For as long as the backend said, an hour if it said nothing."""
    made = backend.make(country="RU", filter=FILTER, language="ru").json()
    assert made["seconds"] == 3600
    assert backend.ask(made["token"]).json()["country"]["source"] == "token"
    backend.now += timedelta(seconds=3600)
    problem_of(backend.ask(made["token"]), 401, "token_refused")
    assert backend.make(seconds=60).json()["seconds"] == 60


def test_it_opens_nothing_that_is_for_the_site(backend: Backend) -> None:
    """Nor does it make further tokens, or become a session."""
    token = backend.make(country="RU").json()["token"]
    for path in ("/v1/review", "/v1/takedowns"):
        problem_of(backend.ask(token, path), 403, "scope_missing")
    headers = {"authorization": f"Bearer {token}"}
    problem_of(backend.client.post("/v1/tokens", json={}, headers=headers), 403, "scope_missing")
    problem_of(backend.client.post("/v1/session", json={"key": token}), 401, "key_wrong")


def test_it_ends_with_its_key(backend: Backend) -> None:
    """Whoever had the key cannot go on by tokens that he made in time."""
    token = backend.make(country="RU").json()["token"]
    backend.keys.revoke(backend.key.prefix)
    problem_of(backend.ask(token), 401, "key_revoked")


def test_one_of_a_time_without_keys_ends_with_the_first_key(tmp_path: Path) -> None:
    """What any program on a developer's machine could make opens nothing later."""
    keys = KeyFile(tmp_path / "keys.json")
    with client_from(create_app(ServiceSettings(), Parts(ReferenceStore(), keys=keys))) as here:
        token = here.post("/v1/tokens", json={"country": "RU"}).json()["token"]
        headers = {"authorization": f"Bearer {token}"}
        assert here.get("/v1/search", headers=headers).json()["country"]["code"] == "RU"
        keys.create("backend", frozenset({Scope.SEARCH}))
        problem_of(here.get("/v1/search", headers=headers), 401, "token_refused")


CLAIMS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "photosense desk"},
    "over": {"exp": START.timestamp() - 1},
    "no filter": {"within": "море"},
    "an empty filter": {"within": "{}"},
    "a filter of an unknown kind": {"within": '{"field": "attrs.album", "like": "x"}'},
    "a filter that is no text": {"within": {"field": "attrs.album", "equals": "x"}},
    "a deep filter": {"within": '{"not":' * 5000 + "1" + "}" * 5000},
    "no country": {"country": "XX"},
    "a country that is no text": {"country": 5},
    "a list of languages": {"lang": ["ru"]},
    "no key": {"key": None},
    "the time without keys": {"key": ""},
    "another key": {"key": "ps_00000000"},
    "a key that is no text": {"key": ["ps"]},
}


@pytest.mark.parametrize("way", CLAIMS)
def test_claims_that_are_none_are_refused(backend: Backend, way: str) -> None:
    """Also where the secret of the service itself signed them."""
    backend.make()
    kid = jwt.get_unverified_header(Signer(backend.signing, lambda: START).sign("x", {}, 60))["kid"]
    good = {"aud": "photosense visitor", "exp": START.timestamp() + 60, "key": backend.key.prefix, "country": "RU"}
    secret = secret_in(backend.signing)

    def token(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, secret, "HS256", headers={"kid": kid})

    assert backend.ask(token(good)).status_code == 200
    problem_of(backend.ask(token({**good, **CLAIMS[way]})), 401)


@pytest.mark.parametrize("token", ["a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "e.e.e"])
def test_what_is_no_token_is_refused_at_every_kind_of_address(backend: Backend, token: str) -> None:
    """Where none is needed as well."""
    for path in ("/v1/search", "/healthz", "/", "/v1/review"):
        problem_of(backend.ask(token, path), 401, "token_refused")


@pytest.mark.parametrize(
    "body",
    [
        {"country": "XX"},
        {"country": "ru"},
        {"country": ["RU"]},
        {"filter": {}},
        {"filter": {"field": "attrs.album"}},
        {"filter": "album"},
        {"filter": {"field": "attrs.album", "any_of": ["x" * 60] * 20}},
        {"language": "Russian"},
        {"seconds": 5},
        {"seconds": 10**6},
        {"scopes": ["admin"]},
    ],
    ids=str,
)
def test_what_cannot_be_signed_is_said(backend: Backend, body: dict[str, Any]) -> None:
    """To the backend, when it asks for the token, not to the visitor."""
    detail = problem_of(backend.make(**body), 422)["detail"]
    assert str(MOST_FILTER) in detail or "any_of" not in str(body)


@pytest.mark.parametrize("scopes", [{Scope.INGEST}, {Scope.ANNOTATE, Scope.REVIEW, Scope.TAKEDOWN}])
def test_only_a_key_for_searches_makes_one(backend: Backend, scopes: set[Scope]) -> None:
    """And nobody without a key."""
    secret, _ = backend.keys.create("other", frozenset(scopes))
    headers = {"authorization": f"Bearer {secret}"}
    problem_of(backend.client.post("/v1/tokens", json={}, headers=headers), 403, "scope_missing")
    problem_of(backend.client.post("/v1/tokens", json={}), 401, "key_required")
