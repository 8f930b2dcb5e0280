"""The porter over HTTP: who may ask what by which key, and which pages may write on a machine without keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.access.key_file import KeyFile
from api.access.scopes import NEEDS, Scope
from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import PROXY, STRANGER, TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import World

BODY = {"by": "m1", "reason": "order", "post_id": "old"}
EVIL = {"origin": "http://evil.example"}


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    """The keys of a service that every test may make further ones for."""
    return KeyFile(tmp_path_factory.mktemp("locked") / "keys.json")


@pytest.fixture(scope="module")
def stranger(locked: KeyFile) -> Iterator[TestClient]:
    """Somebody out there, who asks that service."""
    with client(locked, STRANGER) as asking:
        yield asking


@pytest.fixture(scope="module")
def open_service() -> Iterator[TestClient]:
    """This machine, and a service without keys."""
    with client() as here:
        yield here


def client(keys: KeyFile | None = None, address: str = "127.0.0.1", **settings: Any) -> TestClient:
    store = ReferenceStore()
    World(store, None).take({"id": "old", "text": "горы, снег, тропа"})
    return client_from(create_app(ServiceSettings(**settings), Parts(store, keys=keys or KeyFile())), address)


def bearer(keys: KeyFile, *scopes: Scope) -> dict[str, str]:
    return {"authorization": f"Bearer {keys.create('test', frozenset(scopes))[0]}"}


def ask(asking: TestClient, address: str, headers: dict[str, str]) -> Any:
    """Ask an address of the table, whatever it makes of it."""
    method, _, path = address.partition(" ")
    path = path.replace("{post_id}", "old").replace("*.", "/photo-search.")
    path = path.replace("photo-search.svg", "icon.svg")
    body: dict[str, Any] = {"json": {}} if method in ("POST", "PUT") else {}
    return asking.request(method, path, headers=headers, **body)


@pytest.mark.parametrize("address", NEEDS)
def test_a_wrong_key_is_refused_everywhere(locked: KeyFile, stranger: TestClient, address: str) -> None:
    """Also where none is needed: who sends one believes to be somebody, and has to learn that he is not."""
    revoked = bearer(locked, Scope.ADMIN)
    locked.revoke(locked.keys()[-1].prefix)
    for headers, code in (({"authorization": "Bearer wrong"}, "key_wrong"), (revoked, "key_revoked")):
        detail = problem_of(ask(stranger, address, headers), 401, code)["detail"]
        assert "Authorization: Bearer" in detail


@pytest.mark.parametrize("address", NEEDS)
def test_a_key_opens_what_its_scope_is_for(locked: KeyFile, stranger: TestClient, address: str) -> None:
    """Each address takes the key of its scope and that of an administrator, and refuses all others by name."""
    need = NEEDS[address]
    for scope in Scope:
        answer = ask(stranger, address, bearer(locked, scope))
        if need.scope in (None, scope) or scope is Scope.ADMIN:
            assert answer.status_code != 403
            assert answer.status_code != 401 or address == "GET /v1/session"  # a key is no session
        else:
            assert need.scope in problem_of(answer, 403, "scope_missing")["detail"]


def test_a_key_holds_and_ends_at_once(keys: KeyFile) -> None:
    """A running service knows a key with the next request, in each of its workers."""
    workers = [client(keys, STRANGER), client(KeyFile(keys.path), STRANGER)]
    headers = bearer(keys, Scope.REVIEW)
    assert [worker.get("/v1/review", headers=headers).status_code for worker in workers] == [200, 200]
    keys.revoke(keys.keys()[0].prefix)
    for worker in workers:
        problem_of(worker.get("/v1/review", headers=headers), 401, "key_revoked")


def test_only_a_key_with_the_scope_names_a_country(locked: KeyFile, stranger: TestClient) -> None:
    """A key for searches speaks for visitors; without one the strictest rule holds."""
    address = "/v1/search?q=горы&country=IS"
    assert stranger.get(address, headers=bearer(locked, Scope.SEARCH)).json()["country"]["source"] == "site"
    assert stranger.get(address).json()["country"]["source"] == "unknown"


def test_a_service_with_keys_trusts_no_machine(keys: KeyFile) -> None:
    """Also once its only key is revoked, or the file is damaged, or the keys are those of a home without settings."""
    here = client(keys)
    assert here.get("/v1/review").status_code == 200
    bearer(keys, Scope.SEARCH)
    problem_of(here.get("/v1/review"), 401, "key_required")
    keys.revoke(keys.keys()[0].prefix)
    problem_of(here.get("/v1/review"), 401, "key_required")
    assert keys.path is not None
    keys.path.write_bytes(b"{")
    problem_of(here.get("/v1/review"), 401, "key_required")
    assert here.get("/v1/search?q=горы").status_code == 200
    problem_of(here.get("/v1/review", headers={"authorization": "Bearer x"}), 503, "keys_unreadable")


def test_the_key_of_the_settings_stays(keys: KeyFile) -> None:
    """It has every scope, beside the keys of the home."""
    asking = client(keys, STRANGER, api_key="sesame")
    for headers in ({"authorization": "Bearer sesame"}, bearer(keys, Scope.TAKEDOWN)):
        assert asking.get("/v1/takedowns", headers=headers).status_code == 200


def test_a_key_of_another_party_is_none(locked: KeyFile, stranger: TestClient) -> None:
    """What a proxy before us asks for is not for us; what can only be a key that was sent wrongly is refused."""
    assert stranger.get("/v1/topics", headers={"authorization": "Basic d3Jvbmc6"}).status_code == 200
    own = bearer(locked, Scope.ADMIN)["authorization"].partition(" ")[2]
    for sent in (own, f"Token {own}", "Bearer", ""):
        problem_of(stranger.get("/v1/topics", headers={"authorization": sent}), 401, "key_wrong")
    twice = [("authorization", f"Bearer {own}"), ("authorization", "Bearer other")]
    problem_of(stranger.get("/v1/topics", headers=twice), 401, "key_wrong")


FOREIGN = [EVIL, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "null"}]


class TestPagesOfOtherOrigins:
    """A foreign page in the browser of whoever runs a service without keys."""

    @pytest.mark.parametrize("headers", FOREIGN, ids=str)
    @pytest.mark.parametrize("address", [address for address, need in NEEDS.items() if not need.visitors])
    def test_may_do_nothing_that_is_for_the_site(
        self, open_service: TestClient, address: str, headers: dict[str, str]
    ) -> None:
        """Neither read nor write, whatever it sends."""
        assert "another origin" in problem_of(ask(open_service, address, headers), 403, "foreign_origin")["detail"]
        assert open_service.get("/v1/status").json()["posts"] == 1

    def test_cannot_take_down_by_a_form(self) -> None:
        """A form goes without asking: it needs a word that a foreign page cannot know, even where no origin is sent."""
        here = client()
        form = {name: (None, value) for name, value in BODY.items()}
        problem_of(here.post("/v1/takedowns", files=form, headers=EVIL), 403, "foreign_origin")
        for media in (None, "text/plain", "application/x-www-form-urlencoded"):
            headers = {} if media is None else {"content-type": media}
            refused = here.post("/v1/takedowns", content=b'{"by": "m1"}', headers=headers)
            problem_of(refused, 403, "token_required")
        problem_of(here.post("/v1/takedowns", files=form), 403, "token_required")
        token = here.get("/v1/session").json()["token"]
        assert here.post("/v1/takedowns", files=form, headers={"X-Desk-Token": token}).status_code == 200

    def test_our_own_page_and_programs_may_write(self) -> None:
        """Nothing has to be set up on a developer's machine."""
        for headers in ({"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}, {}):
            here = client()
            assert here.post("/v1/takedowns", json=BODY, headers=headers).status_code == 200

    @pytest.mark.parametrize(
        ("origins", "source"), [((), "unknown"), (("*",), "unknown"), (("http://evil.example",), "site")]
    )
    def test_may_ask_what_visitors_may(self, origins: tuple[str, ...], source: str) -> None:
        """It names no country unless its origin is in `allow_origins` by name, and never counts what is withheld."""
        here = client(allow_origins=origins)
        answer = here.get("/v1/search?q=горы&country=IS", headers=EVIL).json()
        assert answer["country"]["source"] == source
        store = ReferenceStore()
        World(store, None).take({"id": "held", "text": "горы, снег, a boy at the lake", "child": True})
        counting = client_from(create_app(ServiceSettings(allow_origins=origins), Parts(store)))
        assert [counting.get("/v1/status", headers=headers).json()["posts"] for headers in ({}, EVIL)] == [1, 0]

    def test_with_a_key_they_may_what_the_key_may(self, keys: KeyFile) -> None:
        """A key is sent by whoever has it, and by nobody else's browser."""
        headers = {**EVIL, **bearer(keys, Scope.TAKEDOWN)}
        form = {name: (None, value) for name, value in BODY.items()}
        assert client(keys, PROXY).post("/v1/takedowns", files=form, headers=headers).status_code == 200
