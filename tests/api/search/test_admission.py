"""The gate is asked once, before anything is searched, and a route that forgets it does not type-check."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from api.app import Parts, create_app
from api.search.admission import Admission, Admitted, Refused
from api.search.question import Question
from api.settings import ServiceSettings
from compliance.country import Country
from compliance.facts import Thresholds
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from ingest.photos.photo_parts import PhotoParts
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.small_world import SENTENCE, World, as_base64, photo_file
from topic_model.models import Models

ROOT = Path(__file__).parents[3]
SEA = as_base64(photo_file("sea", 77))
FORGETFUL = """
from api.search.candidates import find
from api.search.query import make_query
from api.search.question import Question
from compliance.gate import Gate
from qdrant.store import Store


def route(question: Question, store: Store, gate: Gate) -> None:
    find(question, store, gate)
    make_query(question, None)
"""


class Scoring:
    """A detector that gives every photo the same score."""

    thresholds = Thresholds(child=0.8, review=0.4)

    def __init__(self, score: float) -> None:
        self._score = score

    def scores(self, features: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        return np.full(len(features), self._score)


def parts_with(world: World, score: float) -> Parts:
    detector = Scoring(score)
    gate = Gate(load_policy(), default_lexicon(), detector.thresholds)
    photos = PhotoParts(detector=detector)
    return Parts(world.store, models=Models(world.model), photos=photos, law=Law(gate))


@pytest.fixture
def unsure(world: World) -> Iterator[TestClient]:
    """A service whose detector is sure of no photo."""
    with client_from(create_app(ServiceSettings(), parts_with(world, 0.5))) as client:
        yield client


def test_a_route_that_forgets_the_gate_does_not_type_check(tmp_path: Path) -> None:
    """A question that nobody admitted can neither be searched nor made into a query."""
    file = tmp_path / "forgetful.py"
    file.write_text(FORGETFUL)
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(file)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 'has incompatible type "Question"; expected "Query"' in checked.stdout, checked.stdout + checked.stderr
    assert 'has incompatible type "Question"; expected "Admitted"' in checked.stdout


@pytest.mark.parametrize("question", [Question("kids"), Question("a boat", photo=photo_file("sea", 1))], ids=str)
def test_what_is_refused_has_a_sentence_and_nothing_to_search(world: World, question: Question) -> None:
    """By its words, or by its photo: what comes back is no Admitted."""
    parts = parts_with(world, 0.9)
    admission = Admission(parts.models, parts.photos, parts.law)
    visit = admission.visit(Country("RU", "site"))
    assert admission.ask(question, visit) == Refused(visit, SENTENCE)


def test_what_is_admitted_carries_what_the_gate_looked_at(world: World) -> None:
    """Tokens and topics are not worked out a second time, and the rule is narrowed where nobody is sure."""
    parts = parts_with(world, 0.5)
    admission = Admission(parts.models, parts.photos, parts.law)
    visit = admission.visit(Country("RU", "site"))
    admitted = admission.ask(Question("море", photo=photo_file("sea", 1)), visit)
    assert isinstance(admitted, Admitted)
    assert (set(admitted.document), admitted.narrowed) == ({"text", "image"}, True)
    assert admitted.visit.rule == visit.rule.narrowed()
    assert admitted.theta is not None


class TestANarrowedQuestion:
    """The detector is not sure whether the photo that asks shows a child."""

    def test_finds_only_what_is_known_to_be_clear(self, unsure: TestClient) -> None:
        """Consented posts, which others find, stay away."""
        answer = unsure.post("/v1/search", json={"photo": SEA, "country": "RU", "limit": 100}).json()
        assert answer["hits"]
        assert not [hit for hit in answer["hits"] if hit.get("id", "").startswith("agreed")]

    def test_finds_without_a_word_about_its_photo(self, unsure: TestClient) -> None:
        """Neither the topics of the question nor the reasons of its hits name what is in the photo."""
        question = {"photo": SEA, "limit": 20}
        answer = unsure.post("/v1/search", json={**question, "country": "RU"}).json()
        assert answer["query"]["topics"] == []
        assert not any(hit.get("why") for hit in answer["hits"])
        assert "Nobody is sure" in answer["notice"]
        answer = unsure.post("/v1/search", json={**question, "country": "IS"}).json()
        assert answer["query"]["topics"]
        assert any(hit.get("why") for hit in answer["hits"])

    def test_gets_no_keywords(self, unsure: TestClient) -> None:
        """Words for a photo that may show a child would be information about one."""
        answer = unsure.post("/v1/annotate", json={"photo": SEA, "text": "море", "country": "RU"}).json()
        assert answer["keywords"] == answer["tags"] == answer["topics"] == []
        assert "Nobody is sure" in answer["notice"]

    def test_is_matched_without_reasons(self, unsure: TestClient) -> None:
        """A number may be told, what is in the photo may not."""
        answer = unsure.post("/v1/match", json={"photo": SEA, "text": "море", "country": "RU"}).json()
        assert 0 <= answer["match"] <= 1
        assert answer["why"] == []
        assert "Nobody is sure" in answer["notice"]

    def test_is_as_any_other_where_nothing_is_refused(self, unsure: TestClient) -> None:
        """The same photo gets its keywords where no rule refuses questions."""
        assert unsure.post("/v1/annotate", json={"photo": SEA, "country": "IS"}).json()["keywords"]


def test_an_admitted_text_does_not_open_a_held_post(unsure: TestClient) -> None:
    """Being admitted is no way past the facts of a post."""
    answer = unsure.post("/v1/match", json={"text": "море", "post_id": "held-child", "country": "RU"})
    problem_of(answer, 451, "withheld")
