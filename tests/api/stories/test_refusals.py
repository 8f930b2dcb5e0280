"""A question about children gets the sentence and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.facts import Child
from compliance.gate import Gate, Net
from compliance.law import Law
from compliance.learned.topic_net import TopicNet
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from compliance.records.audit import Audit
from ingest.document import make_document
from qdrant.points import PhotoPoint
from tests.support.http_client import TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import MODALITIES, SENTENCE, World, as_base64, photo_file
from topic_model.models import Models

REFUSED = {
    "english": "kids on the beach",
    "russian": "девочка у моря",
    "hashtag": "#mykid море",
    "spaced": "a t o d d l e r",
    "look-alike": "bаby at the sea",
}
EMPTY: dict[str, dict[str, Any]] = {
    "/v1/search": {
        "hits": [],
        "fit": "none",
        "total": 0,
        "more": False,
        "cursor": None,
        "facets": [],
        "groups": None,
        "query": None,
        "notice_code": None,
    },
    "/v1/annotate": {"keywords": [], "tags": [], "topics": []},
    "/v1/classify": {"modality": "album", "classes": []},
    "/v1/match": {"match": None, "method": "calibrated", "fit": "none", "why": []},
}

ALSO = {"/v1/classify": {"modality": "album"}}


@pytest.mark.parametrize("country", ["RU", "DE", None])
@pytest.mark.parametrize("path", EMPTY)
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_refused_question_gets_the_sentence_and_nothing_else(
    site: TestClient, path: str, text: str, country: str | None
) -> None:
    """The answer is empty but for the sentence and whose law it is; not even the question is repeated."""
    photo = as_base64(photo_file("sea", 99))
    body = site.post(path, json={"text": text, "photo": photo, "country": country, **ALSO.get(path, {})}).json()
    assert body.pop("took_ms") >= 0
    assert set(body.pop("country")) == {"code", "source", "rule", "note"}
    assert body == {**EMPTY[path], "disclaimer": SENTENCE, "notice": None}


@pytest.mark.parametrize("path", EMPTY)
def test_a_country_without_such_a_law_answers(site: TestClient, path: str) -> None:
    """The same question is answered where nothing is refused."""
    body = {"text": "kids, sea, beach", "photo": as_base64(photo_file("sea", 99)), "country": "IS"}
    answer = site.post(path, json=body | ALSO.get(path, {})).json()
    assert answer["disclaimer"] is None
    assert answer.get("hits") or answer.get("keywords") or answer.get("classes") or answer.get("match")


def test_a_refused_match_does_not_tell_whether_the_post_exists(site: TestClient) -> None:
    """With a refused text the post is not even looked up."""
    question = {"text": "kids", "country": "RU"}
    answers = [
        site.post("/v1/match", json={**question, "post_id": post}).json() for post in ("sea-0", "nobody", "held-child")
    ]
    assert len({json.dumps({**answer, "took_ms": 0}) for answer in answers}) == 1


def test_a_refusal_is_recorded_without_what_was_asked(world: World, tmp_path: Path) -> None:
    """The record counts refused questions and withheld hits, and holds no word of them."""
    file = tmp_path / "audit.ndjson"
    with client_from(
        create_app(ServiceSettings(), Parts(world.store, models=Models(world.model), law=Law(audit=Audit(file))))
    ) as client:
        client.post("/v1/search", json={"text": "kids at the zoo", "country": "RU"})
        client.post("/v1/search", json={"text": "море волна", "country": "RU", "limit": 100})
    entries = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [entry["event"] for entry in entries] == ["opened", "refused", "withheld"]
    assert entries[2]["count"] == 2
    assert "kids" not in file.read_text("utf-8")


def test_all_that_visitors_were_answered_is_recorded(world: World, tmp_path: Path) -> None:
    """Hits that were left out without a word, and posts that were asked for by their ids; the record adds up."""
    file, rules = tmp_path / "audit.ndjson", tmp_path / "rules.yaml"
    rules.write_text('version: 1\ngroups:\n  "*": {withhold: [child, review], action: omit, refuse_queries: true}\n')
    law = Law(gate=Gate(load_policy(rules), default_lexicon()), audit=Audit(file))
    with client_from(create_app(ServiceSettings(), Parts(world.store, models=Models(world.model), law=law))) as client:
        answer = client.post("/v1/search", json={"text": "море волна", "country": "RU", "limit": 100}).json()
        assert client.get("/v1/posts/held-child", params={"country": "RU"}).status_code == 451
        assert client.get("/v1/posts/held-child/similar").status_code == 451
    assert not any("disclaimer" in hit for hit in answer["hits"])
    entries = [json.loads(line) for line in file.read_text("utf-8").splitlines()][1:]
    assert [(entry["event"], entry.get("count"), entry["country"]) for entry in entries] == [
        ("omitted", 2, "RU"),
        ("blocked", None, "RU"),
        ("blocked", None, None),
    ]
    assert "held-child" not in file.read_text("utf-8")


@pytest.fixture
def netted(world: World, tmp_path: Path) -> Iterator[TestClient]:
    """A service whose topic net holds everything that is about the sea."""
    assert world.model is not None
    sea, city = (world.model.theta(make_document([text])) for text in ("море волна берег sea wave", "city street tram"))
    assert sea is not None
    assert city is not None
    net = Net(TopicNet(world.model.id, (sea > city).astype(float), 100, 60), 0.6)
    gate = Gate(load_policy(), default_lexicon(), net=net)
    audit = Audit(tmp_path / "audit.ndjson")
    with client_from(
        create_app(
            ServiceSettings(modalities=MODALITIES),
            Parts(world.store, models=Models(world.model), law=Law(gate=gate, audit=audit)),
        )
    ) as client:
        yield client


@pytest.mark.parametrize("path", EMPTY)
def test_a_question_with_the_topics_of_children_is_refused(netted: TestClient, path: str, tmp_path: Path) -> None:
    """Whatever its words; the record names the net, and no word of the question."""
    question = {"text": "волна wave", "country": "RU", **({"post_id": "sea-0"} if path == "/v1/match" else {})}
    body = netted.post(path, json=question | ALSO.get(path, {})).json()
    assert body["disclaimer"] == SENTENCE
    assert {name: body[name] for name in EMPTY[path]} == EMPTY[path]
    last = json.loads((tmp_path / "audit.ndjson").read_text("utf-8").splitlines()[-1])
    assert (last["event"], last["rule"], len(last["query"])) == ("refused", "topics", 64)


def test_the_topic_net_lets_other_questions_and_countries_pass(netted: TestClient) -> None:
    """So does it a question by a photo, which the detector judges."""
    assert netted.post("/v1/search", json={"text": "tram street", "country": "RU"}).json()["hits"]
    assert netted.post("/v1/search", json={"text": "волна wave", "country": "IS"}).json()["hits"]
    assert netted.post("/v1/search", json={"photo": as_base64(photo_file("sea", 3)), "country": "RU"}).json()["hits"]


@pytest.mark.parametrize("facts", [{}, {"child": "clear"}, {"child": "grown", "source": "host"}], ids=str)
def test_a_post_whose_facts_are_missing_or_damaged_is_held(
    fresh: TestClient, empty_store: ReferenceStore, facts: dict
) -> None:
    """Even where the store would let it pass, the gate looks at the facts themselves."""
    secret = {"captions": [{"text": "secret", "author": None}], "tags": [], "link": None, "thumb": None}
    words = {"море": 1.0}
    empty_store.upsert([PhotoPoint("p", "open", Child.CLEAR, secret, {"text": words}, words, facts=facts)])
    answers = [fresh.get("/v1/posts/p"), fresh.post("/v1/search", json={"text": "море"})]
    assert answers[0].status_code == 451
    assert answers[1].json()["hits"] == [{"disclaimer": SENTENCE}]
    assert "secret" not in "".join(answer.text for answer in answers)
