"""What was done, over HTTP: the life of a post, a reviewer's day, and looks at what is held."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.law import Law
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.small_world import words_only_world


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[TestClient]:
    law = Law(
        audit=Audit(tmp_path / "audit.ndjson"),
        takedowns=Takedowns(tmp_path / "takedowns.ndjson"),
        tombstones=Tombstones(tmp_path / "tombstones.ndjson"),
    )
    with client_from(create_app(ServiceSettings(), Parts(words_only_world().store, law=law))) as client:
        yield client


def test_the_life_of_a_post_is_told_until_after_its_end(backend: TestClient) -> None:
    """What was found, decided, consented, taken back, asked for in vain, taken down, and what is remembered."""
    path = "/v1/posts/held-child/compliance"
    consent = {"record": "form-1", "countries": ["RU"], "until": "2099-01-01T00:00:00Z"}
    backend.put(path, json={"by": "m1", "child": "consented", "consent": consent})
    backend.delete(f"{path}/consent?by=m2")
    backend.get("/v1/posts/held-child?country=RU")
    backend.get("/v1/posts/held-child?country=DE")
    life = backend.get(f"{path}/life").json()
    assert life["facts"]["child"] == "child"
    assert life["added"]
    happened = {(event["event"], event.get("by"), event.get("count", 1)) for event in life["events"]}
    assert happened == {
        ("consented", None, 1),
        ("decided", "m1", 1),
        ("revoked", "m2", 1),
        ("blocked", None, 2),
        ("remembered", None, 1),
    }
    (recorded,) = [event["consent"] for event in life["events"] if event["event"] == "consented"]
    assert (recorded["by"], recorded["countries"], recorded["until"][:10]) == ("form-1", ["RU"], "2099-01-01")
    backend.post("/v1/takedowns", json={"by": "m3", "reason": "order 7", "post_id": "held-child"})
    gone = backend.get(f"{path}/life").json()
    assert (gone["facts"], gone["added"], gone["faults"]) == (None, None, [])
    (taken,) = [event for event in gone["events"] if event["event"] == "taken_down"]
    assert (taken["by"], taken["reason"], bool(taken["until"])) == ("m3", "order 7", True)
    assert backend.get("/v1/posts/nobody/compliance/life").json()["events"] == []


def test_a_record_that_was_tampered_with_is_named_beside_the_life(backend: TestClient, tmp_path: Path) -> None:
    """Whoever reads it knows that it may lack something."""
    for child in ("clear", "child"):
        backend.put("/v1/posts/held-child/compliance", json={"by": "m1", "child": child})
    file = tmp_path / "audit.ndjson"
    file.write_text(file.read_text().replace('"clear"', '"child"', 1))
    (fault, *_) = backend.get("/v1/posts/held-child/compliance/life").json()["faults"]
    assert "audit.ndjson is broken" in fault


def test_the_day_counts_who_decided(backend: TestClient) -> None:
    """Decisions and what was taken back, today."""
    assert backend.get("/v1/review/day").json() | {"day": ""} == {"day": "", "decided": 0, "undone": 0, "by": {}}
    decisions = [{"id": post, "child": "clear"} for post in ("held-child", "held-review")]
    backend.post("/v1/review", json={"by": "m1", "decisions": decisions})
    backend.post("/v1/review", json={"by": "m2", "undo": ["held-child"]})
    day = backend.get("/v1/review/day").json()
    assert (day["decided"], day["undone"], day["by"]) == (2, 1, {"m1": 2})


def test_consents_are_listed_with_their_terms_until_they_are_taken_back(backend: TestClient) -> None:
    """Those of some countries as well as those of all; what ends soonest is first."""
    for post, consent in {
        "held-child": {"record": "form-1", "countries": ["RU"], "until": "2098-01-01T00:00:00Z"},
        "held-review": {"record": "form-2", "until": "2097-01-01T00:00:00Z"},
    }.items():
        body = {"by": "m1", "child": "consented", "consent": consent}
        assert backend.put(f"/v1/posts/{post}/compliance", json=body).status_code == 200
    listed = backend.get("/v1/consents").json()
    assert [each["id"] for each in listed["consents"]][:2] == ["held-review", "held-child"]
    assert listed["consents"][1]["consent"] | {"at": ""} == {
        "by": "form-1",
        "at": "",
        "countries": ["RU"],
        "until": "2098-01-01T00:00:00+00:00",
    }
    assert not any(each["ended"] for each in listed["consents"])
    page = backend.get("/v1/consents?limit=1&offset=1").json()
    assert [each["id"] for each in page["consents"]] == ["held-child"]
    assert (page["total"], page["more"]) == (listed["total"], listed["total"] > 2)
    backend.delete("/v1/posts/held-child/compliance/consent?by=m1")
    assert backend.get("/v1/consents").json()["total"] == listed["total"] - 1


def test_without_a_record_there_is_no_evidence(backend: TestClient) -> None:
    """And a period that ends before it begins is none."""
    problem_of(backend.get("/v1/evidence"), 404, "no_record")
