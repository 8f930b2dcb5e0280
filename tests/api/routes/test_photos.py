"""Small photos over HTTP: whatever the law says of a post holds for them from the next request on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import orjson
import pytest
from fastapi import FastAPI
from PIL import Image
from pydantic import SecretStr

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from compliance.records.audit import Audit
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.rendition_folder import RenditionFolder
from tests.support.http_client import PROXY, STRANGER, TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import SENTENCE, as_base64, photo_file

SEA, CITY = as_base64(photo_file("sea", 1)), as_base64(photo_file("city", 2))
SMALL = "?size=320"
KEY = {"authorization": "Bearer the-key"}


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> FastAPI:
    settings = ServiceSettings(
        api_key=SecretStr("the-key"), trusted_proxies=(f"{PROXY}/32",), renditions=True, min_words=1
    )
    law = Law(Gate(load_policy(), default_lexicon(), now=clock.now))
    photos = PhotoParts(renditions=RenditionFolder(tmp_path / "renditions"))
    return create_app(settings, Parts(ReferenceStore(), photos=photos, law=law))


@pytest.fixture
def site(app: FastAPI) -> Iterator[TestClient]:
    """The site's backend, with one post that everybody may see."""
    with client_from(app) as client:
        client.headers.update(KEY)
        send(client)
        yield client


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[TestClient]:
    """Somebody out there, from who knows where."""
    with client_from(app, STRANGER) as client:
        yield client


@pytest.fixture
def located(app: FastAPI) -> Iterator[TestClient]:
    """A visitor behind a proxy that tells the country."""
    with client_from(app, PROXY) as client:
        yield client


def send(site: TestClient, **changes: Any) -> None:
    post = {"id": "p1", "text": "море, волна, берег", "photo": SEA, "child": False, **changes}
    line = orjson.dumps({name: value for name, value in post.items() if value is not None})
    answer = site.post("/v1/posts:bulk", content=line, headers={"content-type": "application/x-ndjson"})
    assert answer.json()["status"] == "stored", answer.text


def decide(site: TestClient, child: str, **more: Any) -> None:
    answer = site.put("/v1/posts/p1/compliance", json={"by": "m1", "child": child, **more})
    assert answer.status_code == 200, answer.text


def photo_of(client: TestClient, query: str = SMALL, post: str = "p1", **headers: str) -> Any:
    return client.get(f"/v1/posts/{quote(post, safe='')}/photo{query}", headers=headers)


def links(site: TestClient, country: str | None) -> dict[str, str] | None:
    """The addresses that the first post has which the site lists for a visitor."""
    body = {"country": country} if country else {}
    hits = [hit for hit in site.post("/v1/search", json=body).json()["hits"] if "id" in hit]
    photo: dict[str, str] | None = hits[0]["post"]["photo"] if hits else None
    return photo


class TestAPhoto:
    def test_is_shown_in_both_sizes(self, site: TestClient, visitor: TestClient) -> None:
        """A JPEG that browsers may keep, and ask about each time they show it."""
        for size in (320, 1600):
            answer = photo_of(visitor, f"?size={size}")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "image/jpeg"
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert np.asarray(Image.open(BytesIO(answer.content))).shape == (48, 64, 3)
            again = photo_of(visitor, f"?size={size}", **{"if-none-match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == answer.headers["etag"]

    @pytest.mark.parametrize(
        "query", ["?size=321", "?size=x", "?size=320&until=-1", f"?size=320&signature={'x' * 101}"]
    )
    def test_is_asked_for_in_known_words(self, site: TestClient, visitor: TestClient, query: str) -> None:
        """Another size is refused by a sentence, whether there is such a post or not."""
        for post in ("p1", "nobody"):
            problem_of(photo_of(visitor, query, post), 422, "wrong_field")

    def test_that_was_not_kept_is_not_found(self, site: TestClient, visitor: TestClient) -> None:
        """A post without a photo says what to do; one that is not there is as where it is read."""
        send(site, id="p2", text="горы, снег, тропа", photo=None)
        assert "renditions = true" in problem_of(photo_of(visitor, post="p2"), 404, "not_found")["detail"]
        assert photo_of(visitor, post="nobody").json() == visitor.get("/v1/posts/nobody").json()

    @pytest.mark.parametrize("post", ["a/b.jpg", "фото 1", "x/photo", "photo", "../up", "🌊"])
    def test_of_any_id_is_reached(self, site: TestClient, visitor: TestClient, post: str) -> None:
        """By the address that a hit gives; and a post whose id ends like the address can be read."""
        send(site, id=post, text="город, улица, мост", photo=CITY)
        post_read = visitor.get(f"/v1/posts/{quote(post, safe='')}").json()
        assert post_read["id"] == post
        assert visitor.get(post_read["post"]["photo"]["large"]).status_code == 200


class TestALife:
    def test_held_and_cleared_again(self, site: TestClient, visitor: TestClient) -> None:
        """Held, nobody sees it but a reviewer, not even who has it in his cache."""
        shown = photo_of(visitor)
        address = (links(site, "IS") or {})["small"]
        decide(site, "child")
        for answer in (
            photo_of(visitor),
            photo_of(visitor, **{"if-none-match": shown.headers["etag"]}),
            photo_of(site, f"{SMALL}&country=RU"),
            photo_of(site),
        ):
            assert problem_of(answer, 451)["detail"] == SENTENCE
            assert answer.headers["cache-control"] == "private, no-store"
            assert "etag" not in answer.headers
        assert photo_of(visitor).json() == visitor.get("/v1/posts/p1").json()
        assert visitor.get(address).status_code == 200, "the law of Iceland withholds nothing"
        reviewed = photo_of(site, f"{SMALL}&review=true")
        assert (reviewed.content, reviewed.headers["cache-control"]) == (shown.content, "private, no-store")
        problem_of(photo_of(visitor, f"{SMALL}&review=true"), 401, "key_required")
        decide(site, "clear")
        assert photo_of(visitor).content == shown.content

    def test_edited(self, site: TestClient, visitor: TestClient) -> None:
        """With another photo the old one is nowhere, with none there is nothing."""
        before = photo_of(visitor)
        address = (links(site, "RU") or {})["small"]
        send(site, photo=CITY, version=2)
        after = photo_of(visitor, **{"if-none-match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.content != before.content
        assert visitor.get(address).content == after.content
        send(site, photo=None, version=3)
        problem_of(photo_of(visitor), 404)
        problem_of(visitor.get(address), 404)
        assert links(site, "RU") is None

    @pytest.mark.parametrize("end", ["deleted", "taken down"])
    def test_gone(self, site: TestClient, visitor: TestClient, tmp_path: Path, end: str) -> None:
        """Deleted or taken down it is as if it had never been, for a reviewer too, and nothing is left on the disk."""
        address = (links(site, "RU") or {})["small"]
        if end == "deleted":
            site.delete("/v1/posts/p1")
        else:
            site.post("/v1/takedowns", json={"by": "m1", "reason": "order", "photo": SEA})
        for answer in (photo_of(visitor), visitor.get(address), photo_of(site, f"{SMALL}&review=true")):
            assert problem_of(answer, 404) == visitor.get("/v1/posts/p1").json()
        assert [path for path in (tmp_path / "renditions").rglob("*") if path.is_file()] == []

    def test_shown_as_long_as_a_consent_holds(self, site: TestClient, visitor: TestClient, clock: Clock) -> None:
        """From the moment that it ends, an address of before gives the sentence."""
        until = (clock.time + timedelta(minutes=5)).isoformat()
        decide(site, "consented", consent={"record": "form-1", "until": until})
        address = (links(site, "RU") or {})["small"]
        assert visitor.get(address).status_code == 200
        clock.move(minutes=6)
        assert problem_of(visitor.get(address), 451)["detail"] == SENTENCE
        assert links(site, "RU") is None


class TestASignedAddress:
    @pytest.fixture
    def address(self, site: TestClient) -> str:
        """Of a post that is open in Germany alone, made for a visitor from there."""
        decide(site, "consented", consent={"record": "form-1", "countries": ["DE"]})
        assert links(site, "RU") is None
        assert links(site, None) is None
        return (links(site, "DE") or {})["small"]

    def test_opens_where_it_was_made_for(self, visitor: TestClient, located: TestClient, address: str) -> None:
        """An `<img>` sends no header; where a proxy tells the country, that country's law decides."""
        assert visitor.get(address).status_code == 200
        assert located.get(address, headers={"x-country": "DE"}).status_code == 200
        for country in ("RU", "XX", "RU, DE"):
            answer = located.get(address, headers={"x-country": country})
            assert problem_of(answer, 451)["detail"] == SENTENCE
        problem_of(photo_of(visitor), 451)

    @pytest.mark.parametrize(
        "change",
        [
            ("country=DE", "country=IS"),
            ("&country=DE", ""),
            ("size=320", "size=1600"),
            ("/p1/", "/p2/"),
            ("until=", "until=1"),
            ("signature=", "signature=0"),
            ("&signature", "&review=true&signature"),
        ],
    )
    def test_that_was_changed_is_refused(self, visitor: TestClient, address: str, change: tuple[str, str]) -> None:
        """By a sentence, and the same one whether there is such a post or not."""
        changed = address.replace(*change)
        assert changed != address
        assert "changed" in problem_of(visitor.get(changed), 403, "address_refused")["detail"]

    def test_ends_after_some_minutes(self, visitor: TestClient, clock: Clock, address: str) -> None:
        """It is good for ten at least and for twenty at most, then a sentence says so."""
        clock.move(minutes=10)
        assert visitor.get(address).status_code == 200
        clock.move(minutes=10)
        assert "over" in problem_of(visitor.get(address), 403, "address_refused")["detail"]

    def test_is_the_same_for_a_while(self, site: TestClient, clock: Clock) -> None:
        """So that a browser need not fetch what it has."""
        first = links(site, "RU")
        clock.move(minutes=1)
        assert links(site, "RU") == first
        clock.move(minutes=10)
        assert links(site, "RU") != first

    def test_of_another_service_is_refused(self, app: FastAPI, address: str, tmp_path: Path) -> None:
        """Each home has a secret of its own, that only its owner reads."""
        assert (tmp_path / "renditions.secret").stat().st_mode & 0o777 == 0o600
        photos = PhotoParts(renditions=RenditionFolder(tmp_path / "elsewhere"))
        with client_from(create_app(ServiceSettings(), Parts(ReferenceStore(), photos=photos))) as other:
            problem_of(other.get(address), 403, "address_refused")

    def test_of_the_queue_shows_a_reviewer_what_waits(
        self, site: TestClient, visitor: TestClient, clock: Clock
    ) -> None:
        """For some minutes, without a key, because an `<img>` sends none; visitors are never given one."""
        decide(site, "review")
        (waiting,) = site.get("/v1/review").json()["posts"]
        address = waiting["post"]["photo"]["small"]
        assert "review=true" in urlsplit(address).query
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
        problem_of(visitor.get(address.replace("&review=true", "")), 403)
        clock.move(minutes=20)
        problem_of(visitor.get(address), 403)


def test_listed_posts_have_addresses_too(site: TestClient, visitor: TestClient) -> None:
    """What is similar, as what is listed and what is found."""
    send(site, id="p2", text="море, прибой", photo=CITY)
    found = visitor.post("/v1/search", json={"text": "море"})
    for answer, count in (
        (visitor.post("/v1/search", json={}), 2),
        (found, 2),
        (visitor.get("/v1/posts/p1/similar"), 1),
    ):
        hits = answer.json()["hits"]
        assert len(hits) == count
        for hit in hits:
            assert visitor.get(hit["post"]["photo"]["small"]).status_code == 200


def test_a_look_at_what_is_held_is_recorded_but_no_smear_of_it(tmp_path: Path, clock: Clock) -> None:
    """A reviewer's look, in either size; what everybody may see needs no record."""
    audit = Audit(tmp_path / "audit.ndjson")
    law = Law(Gate(load_policy(), default_lexicon(), now=clock.now), audit)
    photos = PhotoParts(renditions=RenditionFolder(tmp_path / "watched"))
    settings = ServiceSettings(renditions=True, min_words=1)
    with client_from(create_app(settings, Parts(ReferenceStore(), photos=photos, law=law))) as client:
        send(client)

        def looks() -> int:
            return sum(entry["event"] == "looked" for entry in audit.entries())

        photo_of(client, f"{SMALL}&review=true")
        assert looks() == 0
        decide(client, "child")
        smeared = photo_of(client, f"{SMALL}&review=true&blurred=true")
        assert max(Image.open(BytesIO(smeared.content)).size) < 16
        assert (looks(), smeared.headers["cache-control"]) == (0, "private, no-store")
        for query in (SMALL, "?size=1600"):
            assert photo_of(client, f"{query}&review=true&by=m1").status_code == 200
        assert photo_of(client, SMALL, country="RU").status_code == 451
        assert looks() == 2
