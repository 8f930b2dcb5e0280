"""The fence of a visitor's token: whatever lies outside is not there, at every address that shows anything of posts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.access.scopes import NEEDS
from api.app import Parts, create_app
from api.settings import ServiceSettings
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.rendition_folder import RenditionFolder
from tests.support.http_client import PROXY, STRANGER, TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import MODALITIES, World, as_base64, photo_file
from topic_model.models import Models

KEY = {"authorization": "Bearer the-key"}
SEA = {"field": "attrs.album", "equals": "sea"}
OUTSIDE = ("mountains-", "city-", 'album":"mountains', "photos.example/city", '"value":"city"')  # of other albums

Ask = Callable[[TestClient], Any]


def get(path: str) -> Ask:
    return lambda client: client.get(path)


def post(path: str, **body: Any) -> Ask:
    return lambda client: client.post(path, json=body)


# For each address that visitors ask, the ways to reach what lies outside; those that know nothing of posts have none.
ASKED: dict[str, list[Ask]] = {
    "GET /v1/search": [
        get("/v1/search?limit=100"),
        get("/v1/search?q=горы море город&limit=100"),
        get("/v1/search?sort=changed:asc&limit=100&facets=attrs.album&facets=tags"),
        get("/v1/search?q=горы&mode=words"),
    ],
    "POST /v1/search": [
        post("/v1/search", photo=as_base64(photo_file("mountains", 99)), limit=100),
        post("/v1/search", text="горы, снег", limit=100, facets=["attrs.album", "tags", "authors"], highlight=True),
        post("/v1/search", text="горы", filter={"field": "attrs.album", "equals": "mountains"}),
        post("/v1/search", text="горы", filter={"or": [{"field": "attrs.album", "any_of": ["mountains", "city"]}]}),
        post("/v1/search", filter={"not": SEA}, limit=100),
        post("/v1/search", like=["sea-0"], limit=100),
        post("/v1/search", like=["mountains-1"]),
        post("/v1/search", text="море", unlike=["mountains-1"]),
        post("/v1/search", text="горы", country="IS", limit=100),
    ],
    "POST /v1/multi-search": [
        post("/v1/multi-search", searches=[{"text": "горы", "limit": 100}, {"limit": 100}, {"like": ["mountains-1"]}])
    ],
    "GET /v1/suggest": [get(f"/v1/suggest?q={part}&limit=20") for part in ("го", "с", "м", "%23", "%23m")],
    "GET /v1/posts": [get("/v1/posts?limit=1000"), get("/v1/posts?sort=added:asc&limit=1000")],
    "GET /v1/posts/{post_id}": [get("/v1/posts/mountains-1")],
    "GET /v1/posts/{post_id}/photo": [get("/v1/posts/mountains-1/photo?size=320")],
    "GET /v1/posts/{post_id}/similar": [get("/v1/posts/sea-0/similar?limit=100"), get("/v1/posts/mountains-1/similar")],
    "POST /v1/match": [post("/v1/match", text="горы", post_id="mountains-1")],
    "POST /v1/classify": [post("/v1/classify", text="горы город море", modality="album", limit=50)],
    "GET /v1/status": [get("/v1/status")],
    "POST /v1/feedback": [],  # it is taken whatever it names
    # What the model learned it learned from all posts: topics and keywords are not of single ones.
    "GET /v1/topics": [],
    "POST /v1/annotate": [],
    **{f"{method} /v1/session": [] for method in ("GET", "POST", "DELETE")},
}


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[TestClient]:
    settings = ServiceSettings(
        api_key="the-key",
        trusted_proxies=(f"{PROXY}/32",),
        allow_origins=("https://a.example",),
        modalities=MODALITIES,
    )
    with client_from(create_app(settings, Parts(world.store, models=Models(world.model))), STRANGER) as client:
        client.headers.update(KEY)
        yield client


def visitor(site: TestClient, address: str = STRANGER, **claims: Any) -> TestClient:
    """A browser that was given a token."""
    made = site.post("/v1/tokens", json={"country": "IS", **claims}, headers=KEY)
    assert made.status_code == 200, made.text
    client = client_from(site.app, address)
    client.headers["authorization"] = f"Bearer {made.json()['token']}"
    return client


def test_every_address_of_visitors_is_asked() -> None:
    """A new one has to say here how it keeps the fence."""
    assert {address for address, need in NEEDS.items() if need.visitors and "/v1/" in address} == ASKED.keys()


@pytest.mark.parametrize("address", [address for address, ways in ASKED.items() if ways])
def test_nothing_outside_is_told(site: TestClient, address: str) -> None:
    """Neither a post nor its id, words, counts or fields; the same questions do reach it without a fence."""
    fenced, free = visitor(site, filter=SEA), visitor(site)
    told = []
    for ask in ASKED[address]:
        text = ask(fenced).text.replace("There is no post 'mountains-1'.", "")
        assert [mark for mark in OUTSIDE if mark in text] == [], text
        told.append(ask(free).text)
    found = (*OUTSIDE, "горы", '"match":')
    assert address == "GET /v1/status" or any(mark in text for text in told for mark in found)


def test_counts_are_those_within(site: TestClient) -> None:
    """Totals, facets, the list and the status count alike."""
    fenced = visitor(site, filter=SEA)
    browsed = fenced.get("/v1/search?facets=attrs.album&limit=100").json()
    assert {hit["post"]["attrs"]["album"] for hit in browsed["hits"]} == {"sea"}
    (albums,) = browsed["facets"]
    total = browsed["total"]
    assert [(value["value"], value["posts"]) for value in albums["values"]] == [("sea", total)]
    assert albums["others"] == 0
    assert fenced.get("/v1/posts?limit=5").json()["total"] == fenced.get("/v1/status").json()["posts"] == total
    assert visitor(site).get("/v1/status").json()["posts"] > total


def test_what_is_outside_is_as_if_it_were_not_there(site: TestClient) -> None:
    """By its id it is absent: 404, never the sentence of the law, also where the law withholds it."""
    fenced = visitor(site, country="RU", filter=SEA)
    for path in ("mountains-1", "nobody", "held-child"):
        for kind in ("", "/similar"):
            detail = problem_of(fenced.get(f"/v1/posts/{path}{kind}"), 404, "not_found")["detail"]
            assert detail == f"There is no post '{path}'."
    problem_of(fenced.post("/v1/search", json={"like": ["mountains-1"]}), 404)
    assert fenced.get("/v1/posts/sea-0").status_code == 200


def test_a_word_of_other_albums_is_not_suggested(site: TestClient) -> None:
    """A word is completed for who can find something by it."""
    texts = [one["text"] for one in visitor(site, filter=SEA).get("/v1/suggest?q=гор&limit=20").json()["suggestions"]]
    assert texts == []
    assert visitor(site).get("/v1/suggest?q=гор&limit=20").json()["suggestions"]


def test_a_cursor_is_good_within_its_fence(site: TestClient) -> None:
    """Neither is one of outside followed inside, nor the other way; its own goes on."""
    fenced, free = visitor(site, filter=SEA), visitor(site)
    for path in ("/v1/search?limit=3", "/v1/search?q=море&limit=3", "/v1/posts?limit=3"):
        inside, outside = (client.get(path).json()["cursor"] for client in (fenced, free))
        assert fenced.get(f"{path}&cursor={inside}").status_code == 200
        problem_of(fenced.get(f"{path}&cursor={outside}"), 422, "wrong_cursor")
        problem_of(free.get(f"{path}&cursor={inside}"), 422, "wrong_cursor")


@pytest.mark.parametrize(
    ("wanted", "shows"),
    [
        ({"field": "attrs.nowhere", "equals": "x"}, False),
        ({"field": "attrs.nowhere", "above": 3}, False),
        ({"not": {"field": "attrs.nowhere", "equals": "x"}}, True),
        ({"or": [{"field": "attrs.nowhere", "equals": "x"}, SEA]}, True),
        ({"and": [{"field": "attrs.nowhere", "equals": "x"}, SEA]}, False),
        ({"field": "attrs.nowhere", "none_of": ["x"]}, True),
    ],
)
def test_a_field_that_nobody_has_lets_nothing_pass(site: TestClient, wanted: dict[str, Any], shows: bool) -> None:
    """A visitor could not correct it, so it is no mistake: what wants it finds nothing, what excludes it everything."""
    fenced = visitor(site, filter=wanted)
    for path in ("/v1/search", "/v1/search?q=море", "/v1/posts"):
        answer = fenced.get(path)
        assert answer.status_code == 200, answer.text
        assert bool(answer.json().get("hits") or answer.json().get("posts")) is shows
    assert fenced.get("/v1/posts/sea-0").status_code == (200 if shows else 404)
    assert bool(fenced.get("/v1/suggest?q=мор").json()["suggestions"]) is shows


class TestCountry:
    """Whose law holds for who sends a token."""

    def test_the_token_says_it(self, site: TestClient) -> None:
        """No proxy is needed, and what the visitor says himself is not believed."""
        asking = visitor(site, country="RU")
        for path in ("/v1/search?q=море", "/v1/search?q=море&country=IS"):
            country = asking.get(path, headers={"X-Country": "IS"}).json()["country"]
            assert (country["code"], country["source"], country["rule"]) == ("RU", "token", "disclaimer")

    @pytest.mark.parametrize("header", ["DE", "XX", "RU, DE", ""])
    def test_a_proxy_that_says_otherwise_makes_it_strict(self, site: TestClient, header: str) -> None:
        """A token that was carried over a border opens nothing there."""
        asking = visitor(site, PROXY, country="IS")
        country = asking.get("/v1/search?q=море", headers={"X-Country": header}).json()["country"]
        assert (country["code"], country["rule"]) == (None, "*")
        assert asking.get("/v1/search?q=море", headers={"X-Country": "IS"}).json()["country"]["code"] == "IS"

    def test_without_one_the_proxy_says_it(self, site: TestClient) -> None:
        """Else nobody does, and the strictest rule holds."""
        asking = visitor(site, PROXY, country=None)
        assert asking.get("/v1/topics", headers={"X-Country": "DE"}).json()["country"]["code"] == "DE"
        assert asking.get("/v1/topics").json()["country"]["rule"] == "*"


def test_the_law_holds_within_the_fence(site: TestClient) -> None:
    """A fence takes away, and gives nothing: a filter for held posts shows none of them."""
    held = visitor(site, country="RU", filter={"field": "attrs.album", "equals": "zubrowka"})
    answer = held.get("/v1/search?limit=100").json()
    assert (answer["hits"], answer["total"]) == ([], 0)
    assert "kvorlina" not in held.get("/v1/search?q=море").text
    problem_of(held.get("/v1/posts/held-child"), 451)
    open_there = visitor(site, country="IS", filter={"field": "attrs.album", "equals": "zubrowka"})
    assert open_there.get("/v1/search?limit=100").json()["total"] > 0


def test_addresses_of_photos_keep_the_fence(tmp_path: Path) -> None:
    """An address of an answer is within the fence of who was given it, decided anew each time, and signed."""
    photos = PhotoParts(renditions=RenditionFolder(tmp_path / "renditions"))
    settings = ServiceSettings(api_key="the-key", renditions=True, min_words=1)
    with client_from(create_app(settings, Parts(ReferenceStore(), photos=photos)), STRANGER) as site:
        site.headers.update(KEY)

        def send(album: str, version: int) -> None:
            line = {"id": "p1", "text": "море, волна", "photo": as_base64(photo_file("sea", 1)), "child": False}
            body = orjson.dumps({**line, "version": version, "attrs": {"album": album}})
            sent = site.post("/v1/posts:bulk", content=body, headers={"content-type": "application/x-ndjson"})
            assert sent.json()["status"] == "stored"

        send("sea", 1)
        fenced, nobody = visitor(site, filter=SEA), client_from(site.app, STRANGER)
        address = fenced.get("/v1/posts/p1").json()["post"]["photo"]["small"]
        assert "within=" in address
        assert nobody.get(address).status_code == 200
        wider = address.replace("%22sea%22", "%22sky%22")
        assert wider != address
        problem_of(nobody.get(wider), 403, "address_refused")
        cut = "&".join(part for part in address.split("&") if not part.startswith("within="))
        problem_of(nobody.get(cut), 403, "address_refused")
        send("private", 2)
        problem_of(nobody.get(address), 404, "not_found")
        problem_of(fenced.get(address), 404, "not_found")
        problem_of(fenced.get("/v1/posts/p1/photo?size=320"), 404, "not_found")


def test_pages_elsewhere_may_send_it(site: TestClient) -> None:
    """The browser asks first whether a page of the site may send `Authorization`."""
    headers = {"origin": "https://a.example", "access-control-request-method": "POST"}
    asked = {**headers, "access-control-request-headers": "authorization,content-type"}
    assert site.options("/v1/search", headers=asked).status_code == 200
    assert site.options("/v1/search", headers={**asked, "origin": "https://b.example"}).status_code == 400
