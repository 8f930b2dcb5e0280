"""Who asks and from where: only the site may write and assert a country, only a trusted proxy may tell one."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import LOOPBACK, PROXY, STRANGER, TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import World
from topic_model.models import Models

KEY = "sésame, öffne dich"
BEARER = {"authorization": f"Bearer {KEY}".encode()}
LINE = '{"id": "p", "text": "море, волна, берег"}'.encode()
FORWARDED = {"forwarded": "for=203.0.113.9", "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9"}
FORWARDED |= {"via": "1.1 proxy", "x-forwarded-host": "photos.example"}

# The ways in which a visitor's country can be asserted, all with the same answer.
ASSERTED: dict[str, Callable[[TestClient, str, Mapping[str, Any]], Any]] = {
    "search": lambda client, code, headers: client.post(
        "/v1/search", json={"text": "море", "country": code}, headers=headers
    ),
    "form": lambda client, code, headers: client.post(
        "/v1/search", files={"text": (None, "море"), "country": (None, code)}, headers=headers
    ),
    "annotate": lambda client, code, headers: client.post(
        "/v1/annotate", json={"text": "море", "country": code}, headers=headers
    ),
    "match": lambda client, code, headers: client.post(
        "/v1/match", json={"text": "море", "post_id": "sea-0", "country": code}, headers=headers
    ),
    "similar": lambda client, code, headers: client.get(
        "/v1/posts/sea-0/similar", params={"country": code}, headers=headers
    ),
    "topics": lambda client, code, headers: client.get("/v1/topics", params={"country": code}, headers=headers),
}


@pytest.fixture(scope="module")
def keyed(world: World) -> FastAPI:
    """A service with a key, behind a proxy with its own country header."""
    settings = ServiceSettings(api_key=KEY, trusted_proxies=("10.1.2.2/31", "fd00::/8"), country_header="CF-Land")
    return create_app(settings, Parts(world.store, models=Models(world.model)))


def country_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json()["country"]


@pytest.mark.parametrize("way", ASSERTED)
class TestAsserting:
    def test_the_site_with_its_key_is_believed(self, keyed: FastAPI, way: str) -> None:
        """From anywhere, the key lets the site name its visitor's country."""
        country = country_of(ASSERTED[way](client_from(keyed, STRANGER), "ru", BEARER))
        assert country == {"code": "RU", "source": "site", "rule": "disclaimer", "note": None}

    @pytest.mark.parametrize("address", [LOOPBACK, PROXY, STRANGER])
    def test_without_the_key_nobody_is_believed(self, keyed: FastAPI, way: str, address: str) -> None:
        """A visitor who names a country gets the strictest rule, and a note."""
        country = country_of(ASSERTED[way](client_from(keyed, address), "IS", {}))
        assert (country["code"], country["source"], country["rule"]) == (None, "unknown", "*")
        assert country["note"]

    @pytest.mark.parametrize("address", [LOOPBACK, "127.8.8.8", "::1", "::ffff:127.0.0.1"])
    def test_without_a_key_this_machine_is_believed(self, app: FastAPI, way: str, address: str) -> None:
        """On a developer's machine nothing needs setting up."""
        assert country_of(ASSERTED[way](client_from(app, address), "IS", {}))["code"] == "IS"

    @pytest.mark.parametrize("header", FORWARDED)
    def test_a_proxy_on_this_machine_is_not_the_site(self, app: FastAPI, way: str, header: str) -> None:
        """Who speaks for others cannot assert, even from this machine."""
        country = country_of(ASSERTED[way](client_from(app), "IS", {header: FORWARDED[header]}))
        assert country["code"] is None

    @pytest.mark.parametrize("code", ["XX", "T1", "ZZ", "EU", "UK", "Россия", "RU; DROP", "r", "ЯU", "ß", "RU\u0000"])
    def test_garbage_gets_the_strictest_rule(self, app: FastAPI, way: str, code: str) -> None:
        """What is no country is told in a note; it never opens anything."""
        country = country_of(ASSERTED[way](client_from(app), code, {}))
        assert (country["code"], country["rule"]) == (None, "*")
        assert "strictest" in country["note"]


class TestHeader:
    @pytest.mark.parametrize("address", [PROXY, "10.1.2.2", "fd12::1", "::ffff:10.1.2.2"])
    def test_a_trusted_proxy_tells_the_country(self, keyed: FastAPI, address: str) -> None:
        """The header of the settings is read, whatever its case."""
        answer = client_from(keyed, address).get("/v1/topics", headers={"cf-land": " ru "})
        assert country_of(answer) == {"code": "RU", "source": "proxy", "rule": "disclaimer", "note": None}

    @pytest.mark.parametrize("address", [STRANGER, LOOPBACK, "10.1.2.4", "testclient", "fe80::1", "::ffff:1.2.3.4"])
    def test_nobody_else_does(self, keyed: FastAPI, address: str) -> None:
        """A header that anybody could have sent is not believed, and the note says so."""
        country = country_of(client_from(keyed, address).get("/v1/topics", headers={"CF-Land": "IS"}))
        assert (country["code"], country["source"]) == (None, "unknown")
        assert "trusted proxy" in country["note"]

    @pytest.mark.parametrize("code", ["", "XX", "Iceland", "IS, RU", "\u00df".encode("latin-1"), "А" * 40])
    def test_garbage_in_the_header_gets_the_strictest_rule(self, proxy: TestClient, code: str | bytes) -> None:
        """A proxy that does not know is no reason to show more."""
        value = code.encode() if isinstance(code, str) else code
        country = country_of(proxy.get("/v1/topics", headers={"X-Country": value}))
        assert (country["code"], country["rule"]) == (None, "*")

    def test_the_site_overrules_the_header(self, keyed: FastAPI) -> None:
        """Where both speak, the backend's word counts."""
        headers = {**BEARER, "CF-Land": "RU"}
        country = country_of(client_from(keyed, PROXY).get("/v1/topics?country=DE", headers=headers))
        assert (country["code"], country["source"]) == ("DE", "site")


class TestWriting:
    WRONG: Mapping[str, dict[str, str | bytes]] = {
        "none": {},
        "wrong": {"authorization": "Bearer wrong"},
        "prefix": {"authorization": BEARER["authorization"][:-1]},
        "longer": {"authorization": BEARER["authorization"] + b"!"},
        "basic": {"authorization": f"Basic {KEY}".encode()},
        "bare": {"authorization": KEY.encode()},
        "empty": {"authorization": "Bearer "},
        "odd bytes": {"authorization": b"Bearer \xff\xfe"},
    }

    def writable(self, address: str, key: str | None = KEY, **settings: Any) -> TestClient:
        """A client of a store that holds one post."""
        store = ReferenceStore()
        World(store, None).take({"id": "old", "text": "горы, снег, тропа"})
        return client_from(create_app(ServiceSettings(api_key=key, **settings), Parts(store)), address)

    def write(self, client: TestClient, headers: Mapping[str, Any]) -> list[Any]:
        media = {**headers, "content-type": "application/x-ndjson"}
        bulk = client.post("/v1/posts:bulk", content=LINE, headers=media)
        return [bulk, client.delete("/v1/posts/old", headers=headers)]

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "127.0.0.1.evil.example", "192.168.0.7", "localhost@evil.example", "evil.example/", "evil:x"],
    )
    def test_a_foreign_name_for_this_machine_may_not_write(self, host: str) -> None:
        """A page that leads its own name to this machine asks from it, but does not ask as the site."""
        answers = self.write(self.writable("127.0.0.1", key=None), {"host": host})
        assert [answer.status_code for answer in answers] == [401, 401]

    @pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer ", b"BEARER "])
    def test_the_key_opens(self, scheme: bytes) -> None:
        """With the right key the site writes from anywhere."""
        headers = {"authorization": scheme + KEY.encode()}
        assert [answer.status_code for answer in self.write(self.writable(STRANGER), headers)] == [200, 200]

    @pytest.mark.parametrize("wrong", WRONG)
    @pytest.mark.parametrize("address", [LOOPBACK, STRANGER])
    def test_no_other_key_does(self, address: str, wrong: str) -> None:
        """Where a key is set, this machine needs it too; the answer tells how to send it."""
        client = self.writable(address)
        for answer in self.write(client, self.WRONG[wrong]):
            code = "key_required" if wrong in ("none", "basic") else "key_wrong"
            assert "Bearer" in problem_of(answer, 401, code)["detail"]
            assert answer.headers["www-authenticate"] == "Bearer"
            assert KEY not in answer.text
        assert client.get("/v1/status").json()["posts"] == 1

    @pytest.mark.parametrize("address", [STRANGER, PROXY, "testclient", "0.0.0.0", "::"])  # noqa: S104
    def test_without_a_key_only_this_machine_writes(self, address: str) -> None:
        """Others are told how to set a key."""
        for answer in self.write(self.writable(address, None), {}):
            assert "PHOTOSENSE_API_KEY" in problem_of(answer, 401, "key_required")["detail"]
        assert [answer.status_code for answer in self.write(self.writable(LOOPBACK, None), {})] == [200, 200]

    @pytest.mark.parametrize("header", FORWARDED)
    def test_a_forwarded_request_does_not(self, header: str) -> None:
        """Without a key, a proxy on this machine opens nothing to those it speaks for."""
        for answer in self.write(self.writable(LOOPBACK, None), {header: FORWARDED[header]}):
            problem_of(answer, 401, "key_required")

    def test_a_trusted_proxy_on_this_machine_is_not_the_site(self) -> None:
        """Without a key, a machine that speaks for visitors cannot be told from them."""
        client = self.writable(LOOPBACK, None, trusted_proxies=("127.0.0.0/8",))
        for answer in self.write(client, {"X-Country": "IS"}):
            problem_of(answer, 401, "key_required")
        assert country_of(client.get("/v1/topics", headers={"X-Country": "IS"}))["code"] == "IS"


def test_pages_elsewhere_may_ask_only_where_they_are_allowed() -> None:
    """Other origins are named in the settings; without that, a browser keeps the answer from them."""
    origin = {"origin": "https://photos.example"}
    settings = ServiceSettings(allow_origins=("https://photos.example",))
    allowed = client_from(create_app(settings, Parts(ReferenceStore())))
    closed = client_from(create_app(ServiceSettings(), Parts(ReferenceStore())))
    allows = "access-control-allow-origin"
    assert allowed.get("/v1/topics", headers=origin).headers[allows] == "https://photos.example"
    assert allows not in allowed.get("/v1/topics", headers={"origin": "https://other.example"}).headers
    assert allows not in closed.get("/v1/topics", headers=origin).headers
    preflight = {**origin, "access-control-request-method": "DELETE"}
    assert allowed.options("/v1/posts/p", headers=preflight).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("CF-Land", "IS"), ("CF-Land", "RU")], id="appended to the visitor's own"),
        pytest.param([("CF-Land", "RU"), ("CF-Land", "IS")], id="before the visitor's own"),
        pytest.param([("CF-Land", "IS"), ("cf-land", "IS")], id="twice the same"),
        pytest.param([("CF-Land", ""), ("CF-Land", "IS")], id="an empty one first"),
        pytest.param([("CF-Land", "IS, RU")], id="two values"),
        pytest.param([("CF-Land", "IS,IS")], id="one value twice"),
    ],
)
def test_more_than_one_country_is_none(keyed: FastAPI, headers: list[tuple[str, str]]) -> None:
    """When two inputs disagree, or one of them may be the visitor's own, the strictest rule holds."""
    country = country_of(client_from(keyed, PROXY).post("/v1/search", json={"text": "море"}, headers=headers))
    assert (country["code"], country["rule"]) == (None, "*")
