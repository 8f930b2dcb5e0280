"""A trained match over HTTP: what it answers, where it stands in, and that the law comes first."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from api.app import Parts, create_app
from api.search.admission import Admission, Admitted
from api.search.match import side_of_photo
from api.search.query import make_query
from api.search.question import Question
from api.settings import ServiceSettings
from compliance.country import Country
from compliance.law import Law
from ingest.photos.photo_parts import PhotoParts
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.small_world import SENTENCE, World, as_base64, photo_file
from topic_model.alignment.aligned import Aligned
from topic_model.document import TAG, TEXT
from topic_model.match.cues import Cue
from topic_model.match.matcher import Matcher
from topic_model.match.scorer import Layer, Logistic, Scorer
from topic_model.models import Models
from vision.decoding.decode import decode
from vision.look import Look, encode_looks
from vision.make_encoder import make_encoder

FIGURES: dict = {"people": {}, "kinds": []}
ENCODER = make_encoder("patches")
SEA = as_base64(photo_file("sea", 77))


def linear(offset: float, **weights: float) -> Scorer:
    """A logistic curve over a few cues."""
    cues = tuple(Cue(name) for name in weights)
    layer = Layer(np.array([[weight] for weight in weights.values()]), np.array([offset]))
    return Scorer(cues, np.full(len(cues), -9.0), np.full(len(cues), 9.0), (layer,), Logistic(1.0, 0.0))


@pytest.fixture(scope="module")
def trained(world: World) -> Iterator[TestClient]:
    """The site with a match that trusts a post's own words, then the likelihood."""
    matcher = Matcher((linear(-5, own=12, likelihood=1), linear(-3, likelihood=3, explained=2)), FIGURES)
    with client_from(create_app(ServiceSettings(), Parts(world.store, models=Models(world.model, matcher)))) as client:
        yield client


@pytest.fixture(scope="module")
def of_words(world: World) -> Iterator[TestClient]:
    """The site with a match that was learned from posts with words only."""
    matcher = Matcher((linear(-5, own=12),), FIGURES)
    with client_from(create_app(ServiceSettings(), Parts(world.store, models=Models(world.model, matcher)))) as client:
        yield client


def ask(client: TestClient, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(path, json={"country": "DE", **body})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_trained_match_is_a_probability_and_says_so(trained: TestClient) -> None:
    """What fits is good, what does not is none; the reason is still the topics in common."""
    fits = ask(trained, "/v1/match", text="море волна", photo=SEA)
    assert (fits["method"], fits["fit"]) == ("trained", "good")
    assert fits["match"] > 0.5
    assert fits["why"][0]["words"]
    other = ask(trained, "/v1/match", text="трамвай фонарь", photo=SEA)
    assert (other["method"], other["fit"]) == ("trained", "none")
    assert other["match"] < 0.1


@pytest.mark.parametrize("text", ["asdf qwerty zxcv", "абракадабр", "море asdf qwerty zxcv rtyu fghj"])
def test_noise_matches_at_most_a_tenth(trained: TestClient, text: str) -> None:
    """A photo is no answer to words that nobody knows; one known word among them does not carry the others."""
    answer = ask(trained, "/v1/match", text=text, photo=SEA)
    assert answer["match"] <= 0.1
    assert answer["fit"] == "none"


def test_words_that_only_the_post_knows_count(trained: TestClient, world: World) -> None:
    """What stands in a post fits it, even if the model never saw the word; the notice still says that it did not."""
    (point,) = world.store.get(["city-2"])
    assert point is not None
    own = next(iter(point.tokens("text")))
    answer = ask(trained, "/v1/match", text=own, post_id="city-2")
    assert answer["fit"] == "good"


def test_where_people_judged_no_such_photo_captions_tell(of_words: TestClient, site: TestClient) -> None:
    """A photo alone, where only posts with words were judged, gets the calibrated number, and it is named so."""
    answer = ask(of_words, "/v1/match", text="море волна", photo=SEA)
    assert answer["method"] == "calibrated"
    assert answer["match"] == ask(site, "/v1/match", text="море волна", photo=SEA)["match"]


def test_a_stored_post_has_the_number_of_its_hit(trained: TestClient) -> None:
    """What people said of photos changes no order: the match of a hit is that of the pair, on the page and off it."""
    hits = ask(trained, "/v1/search", text="море волна", limit=100)["hits"]
    assert [hit["match"] for hit in hits] == sorted((hit["match"] for hit in hits), reverse=True)
    pair = ask(trained, "/v1/match", text="море волна", post_id=hits[0]["id"])
    assert (pair["match"], pair["method"]) == (pytest.approx(hits[0]["match"], abs=2e-4), "calibrated")


def test_similar_posts_match_by_the_odds_of_likeness(trained: TestClient, world: World) -> None:
    """Hits stand in the order of their match, which is what the line of a post says of the topics in common."""
    hits = trained.get("/v1/posts/sea-0/similar", params={"country": "DE", "limit": 100}).json()["hits"]
    matches = [hit["match"] for hit in hits if "match" in hit]
    assert matches == sorted(matches, reverse=True)
    assert all((hit["fit"] == "good") == (hit["match"] >= 0.5) for hit in hits if "match" in hit)
    assert world.model is not None
    line = world.model.ranking.likeness["post"]
    best, asked = world.store.get([hits[0]["id"], "sea-0"])
    assert best is not None
    assert asked is not None
    mass = np.minimum(best.theta, asked.theta).sum()
    assert matches[0] == pytest.approx(1 / (1 + np.exp(-line.mass * mass - line.offset)), abs=1e-3)


def test_the_law_comes_before_the_match(trained: TestClient) -> None:
    """A refused text, a withheld post and one that is not there are answered as without a trained match."""
    refused = ask(trained, "/v1/match", text="kids on the beach", photo=SEA)
    assert (refused["match"], refused["fit"], refused["why"], refused["disclaimer"]) == (None, "none", [], SENTENCE)
    held = trained.post("/v1/match", json={"text": "море", "post_id": "held-child", "country": "RU"})
    assert problem_of(held, 451, "withheld")["detail"] == SENTENCE
    assert problem_of(trained.post("/v1/match", json={"text": "море", "post_id": "nobody"}), 404, "not_found")


def test_a_photo_is_matched_as_a_post_of_it_would_be(world: World) -> None:
    """Texts are compared with where its post would lie; where it asks from is another place."""
    assert world.model is not None
    photo = photo_file("sea", 77)
    features = encode_looks([Look.at(decode(photo, target=ENCODER.side))], ENCODER).features
    known = world.model.vocabulary.only(TEXT, TAG)
    rng = np.random.default_rng(0)
    photo_map, asking_map = rng.normal(size=(2, features.shape[1], 3)).astype(np.float32)
    ones, zeros = np.ones(known.size, np.float32), np.zeros(3, np.float32)
    text_map, crowd = np.ones((known.size, 3), np.float32), np.eye(3, dtype=np.float32)
    mean = np.zeros(features.shape[1], np.float32)
    aligned = Aligned(known, ones, mean, photo_map, zeros, text_map, crowd, asking_map=asking_map)
    model = replace(world.model, aligned=aligned)
    admission = Admission(Models(model), PhotoParts(ENCODER), Law())
    admitted = admission.ask(Question(photo=photo), admission.visit(Country("IS", "site")))
    assert isinstance(admitted, Admitted)
    query = make_query(admitted, model)
    assert side_of_photo(query).aligned == pytest.approx(aligned.of_posts(features, [{}])[0], abs=1e-5)
    assert query.aligned == pytest.approx(aligned.of_photos(features)[0], abs=1e-5)
    assert query.aligned is not None
    assert query.aligned @ side_of_photo(query).aligned < 0.99
