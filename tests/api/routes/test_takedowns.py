"""Takedowns over HTTP: effective at once, under every id, remembered over a restart, and caught when sent again."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.law import Law
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from tests.support.full_disk import room
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import as_base64

LINK = "https://Photos.example/p/1"
Open = Callable[[], TestClient]


def picture(seed: int, side: int = 320, kind: str = "PNG") -> bytes:
    """Draw a photo with a look of its own: soft spots of light."""
    grid = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(grid).resize((side, side * 3 // 4), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


@pytest.fixture
def store() -> ReferenceStore:
    return ReferenceStore()


@pytest.fixture
def start(store: ReferenceStore, tmp_path: Path) -> Open:
    """Start the service anew, on the same store and the same register."""

    def start() -> TestClient:
        takedowns, audit = Takedowns(tmp_path / "takedowns.ndjson"), Audit(tmp_path / "audit.ndjson")
        return client_from(create_app(ServiceSettings(), Parts(store, law=Law(audit=audit, takedowns=takedowns))))

    return start


def send(client: TestClient, *posts: dict[str, Any]) -> list[str]:
    body = b"".join(json.dumps(post).encode() + b"\n" for post in posts)
    answer = client.post("/v1/posts:bulk", content=body, headers={"content-type": "application/x-ndjson"})
    return [line["reason"] or line["status"] for line in map(json.loads, answer.text.splitlines())]


def post(name: str, seed: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "photo": as_base64(picture(seed)), "text": f"evening light over hills {name}", **more}


def take_down(client: TestClient, **what: str) -> dict[str, Any]:
    answer = client.post("/v1/takedowns", json={"by": "m1", "reason": "order 7", **what})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_post_goes_at_once_with_its_photo_under_other_ids(start: Open, store: ReferenceStore) -> None:
    """The copy has other words and another file; a stranger's photo stays."""
    client = start()
    copy = post("copy", 1) | {"photo": as_base64(picture(1, 200, "JPEG"))}
    assert send(client, post("p1", 1), post("other", 2), copy) == ["stored"] * 3
    assert take_down(client, post_id="p1")["posts"] == 2
    assert [point.id for point in store.scroll()] == ["other"]
    problem_of(client.get("/v1/posts/p1"), 404)


@pytest.mark.parametrize(
    ("what", "again"),
    [
        pytest.param({"post_id": "p1"}, {"photo": None}, id="the id, without the photo"),
        pytest.param({"post_id": "p1"}, {"id": "p9"}, id="the photo, under another id"),
        pytest.param(
            {"link": LINK}, {"id": "p9", "photo": None, "link": "http://photos.example/p/1/#top"}, id="the link"
        ),
        pytest.param({"link": LINK}, {"id": "p9", "photo": None, "link": "/p/1"}, id="the path of the link"),
        pytest.param({"photo": as_base64(picture(1))}, {"id": "p9"}, id="the file"),
        pytest.param(
            {"photo": as_base64(picture(1))},
            {"id": "p9", "photo": as_base64(picture(1, 180, "JPEG"))},
            id="the look",
        ),
    ],
)
def test_what_was_taken_down_does_not_come_back(start: Open, store: ReferenceStore, what: dict, again: dict) -> None:
    """Not after a restart either."""
    client = start()
    send(client, post("p1", 1, link=LINK))
    assert take_down(client, **what)["posts"] == 1
    sent = {name: value for name, value in {**post("p1", 1), **again}.items() if value is not None}
    for service in (client, start()):
        assert send(service, sent, post("p2", 2)) in (["taken_down", "stored"], ["taken_down", "unchanged"])
    assert [point.id for point in store.scroll()] == ["p2"]


def test_proof_names_who_why_and_when_but_neither_post_nor_link(start: Open, tmp_path: Path) -> None:
    """In the answer, the register and the audit; each record follows the one before."""
    client = start()
    send(client, post("secret-post", 1, link=LINK))
    first, second = take_down(client, post_id="secret-post"), take_down(client, link=LINK)
    answer = client.get("/v1/takedowns").json()
    assert [each["id"] for each in answer["takedowns"]] == [second["id"], first["id"]]
    assert (first["by"], first["reason"], first["posts"], second["posts"]) == ("m1", "order 7", 1, 0)
    assert second["before"] != first["before"]
    for text in (str(answer), *((tmp_path / name).read_text() for name in ("takedowns.ndjson", "audit.ndjson"))):
        assert "secret-post" not in text
        assert "photos.example" not in text.lower()
    assert '"event": "taken_down"' in (tmp_path / "audit.ndjson").read_text()


@pytest.mark.parametrize("body", [{}, {"post_id": "a", "link": LINK}, {"post_id": "a", "reason": " "}])
def test_takedown_of_nothing_in_particular_is_refused(start: Open, body: dict) -> None:
    """One thing at a time, with a reason."""
    problem_of(start().post("/v1/takedowns", json={"by": "m1", "reason": "order", **body}), 422, "wrong_field")


def test_what_is_no_photo_is_refused(start: Open) -> None:
    """And nothing is recorded."""
    client = start()
    answer = client.post("/v1/takedowns", json={"by": "m", "reason": "r", "photo": as_base64(b"no photo")})
    assert answer.status_code in (415, 422)
    assert client.get("/v1/takedowns").json()["total"] == 0


def test_full_disk_refuses_a_takedown_and_nothing_goes(start: Open, store: ReferenceStore, tmp_path: Path) -> None:
    """507 with a sentence; once there is room, the same request does it."""
    client, register = start(), tmp_path / "takedowns.ndjson"
    send(client, post("p1", 1), post("p2", 2))
    take_down(client, post_id="p2")
    with room(register.stat().st_size):
        body = {"by": "m1", "reason": "order 8", "post_id": "p1"}
        problem_of(client.post("/v1/takedowns", json=body), 507, "record_not_written")
    assert [point.id for point in store.scroll()] == ["p1"]
    assert take_down(client, post_id="p1")["posts"] == 1
    assert Takedowns(register).unfinished() == []


def test_who_takes_down_is_no_name(start: Open) -> None:
    """The register holds identifiers."""
    body = {"by": "Anna Ivanova", "reason": "order", "post_id": "p1"}
    problem = problem_of(start().post("/v1/takedowns", json=body), 422, "wrong_field")
    assert "no name and no link" in problem["detail"]


def test_a_preview_tells_what_would_go_and_changes_nothing(start: Open, tmp_path: Path) -> None:
    """By id with all that shows the photo, by link, by photo; the same posts go when it is ordered."""
    client = start()
    smaller = io.BytesIO()
    Image.open(io.BytesIO(picture(1))).resize((240, 180)).save(smaller, "JPEG", quality=80)
    again = {**post("again", 1), "photo": as_base64(smaller.getvalue())}
    assert send(client, post("first", 1, link=LINK, child=True), again, post("other", 2)) == ["stored"] * 3
    for target, expected in [
        ({"post_id": "first"}, ["again", "first"]),
        ({"link": LINK.lower()}, ["again", "first"]),
        ({"photo": as_base64(picture(1))}, ["again", "first"]),
        ({"post_id": "nobody"}, []),
    ]:
        reach = client.post("/v1/takedowns:preview", json=target).json()
        assert ([each["id"] for each in reach["posts"]], reach["total"]) == (expected, len(expected))
    assert reach["posts"] == []
    shown = client.post("/v1/takedowns:preview", json={"post_id": "first"}).json()["posts"][1]
    assert (shown["facts"]["child"], shown["post"]["captions"][0]["text"]) == (
        "child",
        "evening light over hills first",
    )
    assert not (tmp_path / "takedowns.ndjson").exists()
    assert client.get("/v1/takedowns").json()["total"] == 0
    done = client.post("/v1/takedowns", json={"by": "m1", "reason": "order", "post_id": "first"}).json()
    assert done["posts"] == 2
    for wrong in ({}, {"post_id": "a", "link": LINK}, {"post_id": "first", "by": "m1"}):
        problem_of(client.post("/v1/takedowns:preview", json=wrong), 422, "wrong_field")
