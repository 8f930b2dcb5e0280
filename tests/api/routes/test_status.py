"""Topics, status, health, and the service's description of itself."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.answers import ChoosableCountry, ExampleQuestion, Welcome
from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from qdrant.errors import StoreDown
from qdrant.filters import Filter
from tests.support.http_client import TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.routes import addresses
from tests.support.small_world import World, as_base64, photo_file

DOCS = (Path(__file__).parents[3] / "docs" / "http.md").read_text("utf-8")


class DownStore(ReferenceStore):
    """A store whose engine does not answer."""

    def count(self, where: Filter | None = None) -> int:
        raise StoreDown("The engine is away: start it.")


def test_topics_come_largest_first_with_words_of_both_languages(site: TestClient, world: World) -> None:
    """Shares sum to one, the background topics are marked."""
    assert world.model is not None
    body = site.get("/v1/topics", params={"country": "DE"}).json()
    topics = body["topics"]
    assert body["model"] == world.model.id
    shares = [topic["share"] for topic in topics]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=0.01)
    assert {topic["topic"] for topic in topics} == set(range(world.model.topics))
    assert {topic["topic"] for topic in topics if topic["background"]} == set(world.model.background)
    assert all(set(topic) == {"topic", "share", "words", "tags", "background", "x", "y"} for topic in topics)
    assert all((topic["x"] is None) == (topic["y"] is None) == topic["background"] for topic in topics)
    assert all(0 <= topic[axis] <= 1 for topic in topics if not topic["background"] for axis in ("x", "y"))
    assert {"город", "mountains"} <= {word for topic in topics for word in topic["words"]}


def test_rules_that_changed_since_the_start_are_noticed(tmp_path: Path) -> None:
    """Those that were read stay in force; a file that can no longer be followed is said as well."""
    rules = tmp_path / "law.yaml"
    text = 'version: 1\ngroups:\n  "*": {withhold: [child, review], action: omit, refuse_queries: true}\n'
    rules.write_text(text)
    law = Law(gate=Gate(load_policy(rules), default_lexicon()))
    with client_from(create_app(ServiceSettings(), Parts(ReferenceStore(), law=law))) as client:
        assert client.get("/v1/status").json()["policy"]["notice"] is None
        rules.write_text(text.replace("version: 1", "version: 2"))
        policy = client.get("/v1/status").json()["policy"]
        assert policy["version"] == 1
        assert "law.yaml has changed since the start (version 2" in policy["notice"]
        rules.write_text("version: 3")
        assert "can no longer be followed" in client.get("/v1/status").json()["policy"]["notice"]
        rules.unlink()
        assert "can no longer be followed" in client.get("/v1/status").json()["policy"]["notice"]
        rules.write_text(text)
        assert client.get("/v1/status").json()["policy"]["notice"] is None


def test_without_a_model_there_are_no_topics(words_only: TestClient) -> None:
    """The list is empty and the model is null."""
    body = words_only.get("/v1/topics").json()
    assert (body["model"], body["topics"]) == (None, [])


def test_status_says_what_answers(site: TestClient, words_only: TestClient, world: World) -> None:
    """Posts, model, encoder, version and the policy in force."""
    assert world.model is not None
    body = site.get("/v1/status").json()
    assert body["posts"] == world.store.count()
    assert (body["model"]["id"], body["model"]["topics"]) == (world.model.id, world.model.topics)
    assert (body["encoder"], body["version"], body["welcome"]) == ("patches-2", "1.2.3", None)
    assert body["policy"]["hash"]
    assert words_only.get("/v1/status").json()["model"] is None


def test_status_names_the_countries_and_examples_that_the_page_offers() -> None:
    """The page learns from the status which countries to offer and what to try."""
    welcome = Welcome([ChoosableCountry("RU", "Russia", {"ru": "Россия"})], [ExampleQuestion("Sea", "sea")])
    with client_from(create_app(ServiceSettings(), Parts(ReferenceStore(), welcome=welcome))) as client:
        assert client.get("/v1/status").json()["welcome"] == {
            "countries": [{"code": "RU", "label": "Russia", "labels": {"ru": "Россия"}}],
            "examples": [{"label": "Sea", "text": "sea", "photo": None, "labels": {}}],
        }


def test_health_and_readiness(site: TestClient, words_only: TestClient) -> None:
    """The process lives; it is ready with a model, and can look for words without one."""
    assert site.get("/healthz").json() == {"status": "ok"}
    assert site.get("/readyz").json() == {"status": "ready"}
    assert words_only.get("/readyz").json() == {"status": "words_only"}


def test_a_store_that_is_down_is_not_ready() -> None:
    """The orchestrator learns why, while the process itself lives."""
    with client_from(create_app(ServiceSettings(), Parts(DownStore()))) as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "down", "detail": "The engine is away: start it."}
        assert client.get("/healthz").status_code == 200


def described(app: FastAPI) -> Any:
    with client_from(app) as client:
        return client.get("/openapi.json").json()


def test_every_address_is_described(app: FastAPI) -> None:
    """The description holds each route below /v1, with its method."""
    paths = described(app)["paths"]
    known = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {address for address in addresses(app.routes) if " /v1/" in address} <= known


def test_the_description_refers_to_nothing_missing(app: FastAPI) -> None:
    """Each reference leads somewhere within the document, so that clients can be made from it."""
    document = described(app)
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


@pytest.mark.parametrize("path", ["/v1/search", "/v1/annotate", "/v1/match"])
def test_both_kinds_of_body_are_described(app: FastAPI, path: str) -> None:
    """Whoever reads the description learns the fields of JSON and of a form."""
    content = described(app)["paths"][path]["post"]["requestBody"]["content"]
    for media in ("application/json", "multipart/form-data"):
        assert {"text", "photo", "country"} <= set(content[media]["schema"]["properties"])


class TestPromisedKeys:
    def test_a_search_has_the_keys_of_the_docs(self, site: TestClient) -> None:
        """Key by key, down to each hit, the example on the page is what comes back."""
        example = json.loads(re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)[1])
        body = {"text": "море", "country": "RU", "limit": 100, "highlight": True}
        answer = site.post("/v1/search", json=body).json()
        by_ideas = {".query.understood[].typed", ".query.understood[].words"}  # which the small world knows none of
        assert keys(answer) | by_ideas == keys(example)

    @pytest.mark.parametrize(
        ("path", "own"),
        [
            ("/v1/annotate", {"keywords", "tags", "topics"}),
            ("/v1/match", {"match", "method", "fit", "why"}),
        ],
    )
    @pytest.mark.parametrize("text", ["море", "абракадабр", "kids"])
    def test_annotate_and_match_have_the_keys_of_the_contract(
        self, site: TestClient, path: str, own: set[str], text: str
    ) -> None:
        """The keys are the same whether there is an answer, none, or a refusal."""
        answer = site.post(path, json={"text": text, "photo": as_base64(photo_file("sea"))}).json()
        assert set(answer) == own | {"country", "disclaimer", "notice", "took_ms"}


def keys(value: Any, path: str = "") -> set[str]:
    """Name every key of a tree by its path; free fields of the site are left out."""

    def inner() -> Iterator[str]:
        if isinstance(value, Mapping):
            for key, part in value.items():
                yield f"{path}.{key}"
                if key != "attrs":
                    yield from keys(part, f"{path}.{key}")
        elif isinstance(value, list):
            for part in value:
                yield from keys(part, f"{path}[]")

    return {key for key in inner() if not key.startswith(".query.topics[]")}
