"""A dual encoder finds photos by what they look like, with a model or without, and never past the gate."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.app import Parts, create_app
from api.search.question import Question
from api.search.service import Service
from api.settings import ServiceSettings
from compliance.country import resolve
from compliance.law import Law
from ingest.draft import Result
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from ingest.vectors import add_vectors
from qdrant.store import Store
from qdrant.vector_kind import DUAL
from tests.api.routes import test_search
from tests.support.http_client import TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import SENTENCE, World, as_base64, lines
from tests.support.tiny_dual import coloured, plain, write_dual
from topic_model.artifact import load_model
from topic_model.document import IMAGE
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.training.recipe import Recipe
from training.match.calibration import HeldPost
from training.topics import retrain, with_odds
from vision.dual.dual_encoder import DualEncoder, make_dual_encoder
from vision.dual.dual_spec import read_dual_spec
from vision.encoder import Features

RED, GREEN, BLUE = (200, 50, 50), (50, 200, 50), (50, 50, 200)


def pictured(name: str, colour: tuple[int, int, int], seed: int, **more: Any) -> dict[str, Any]:
    """A post with a photo of that colour, of which the site says that it shows no child unless told otherwise."""
    return {"id": name, "version": 1, "child": False, "photo": as_base64(coloured(*colour, seed)), **more}


POSTS = (
    pictured("ruby", RED, 1),
    pictured("rose", RED, 2, text="a quiet evening at home"),
    pictured("leaf", GREEN, 3),
    {"id": "told", "version": 1, "text": "an old red boat on the lake shore"},
    pictured("held", RED, 4, text="our son by the red fence", child=True),
)


def take(
    store: Store, dual: DualEncoder | None, *posts: dict[str, Any], model: TopicModel | None = None
) -> list[Result]:
    """Send posts through the real pipeline."""
    return Pipeline(store, Models(model), PhotoParts(dual=dual), Law()).take(lines(*posts), InlinePhotos())


def ask(client: TestClient, **body: Any) -> dict[str, Any]:
    """Search as a visitor from a country with laws."""
    return test_search.search(client, **{"country": "DE", **body})


def matched(client: TestClient, text: str, post: str) -> float:
    """How well a text fits a post, as the service says it."""
    body = {"text": text, "post_id": post, "country": "DE"}
    return float(client.post("/v1/match", json=body).json()["match"])


def ids(answer: dict[str, Any]) -> list[str]:
    """Name the hits that are shown."""
    return [hit["id"] for hit in answer["hits"] if "id" in hit]


@pytest.fixture(scope="module")
def dual(tmp_path_factory: pytest.TempPathFactory) -> DualEncoder:
    return make_dual_encoder(write_dual(tmp_path_factory.mktemp("dual")))


@pytest.fixture(scope="module")
def store(dual: DualEncoder) -> ReferenceStore:
    store = ReferenceStore()
    store.add_vector(DUAL.of(dual.id), dual.size)
    assert {result.status for result in take(store, dual, *POSTS)} == {"stored"}
    return store


@pytest.fixture(scope="module")
def site(dual: DualEncoder, store: ReferenceStore) -> Iterator[TestClient]:
    """A site without a model."""
    with client_from(create_app(ServiceSettings(), Parts(store, photos=PhotoParts(dual=dual)))) as client:
        yield client


class TestWithoutAModel:
    def test_photos_without_words_are_found_by_a_text(self, site: TestClient) -> None:
        """Words and look find side by side; the cosine is said, and what was not seen has none."""
        answer = ask(site, text="red")
        assert set(ids(answer)) == {"ruby", "rose", "told"}
        near = {hit["id"]: hit["looks_like"] for hit in answer["hits"]}
        assert near["told"] is None
        assert near["ruby"] == pytest.approx(1, abs=0.05)

    def test_words_of_no_post_find_what_they_look_like(self, site: TestClient) -> None:
        """A site whose captions know no Russian is searched in Russian."""
        assert set(ids(ask(site, text="красный"))) == {"ruby", "rose"}

    def test_what_looks_like_nothing_is_not_found(self, site: TestClient) -> None:
        """Below the least cosine of the description the honest answer is none."""
        assert ids(ask(site, text="blue")) == []
        assert ids(ask(site, text="zebra")) == []

    def test_a_photo_is_asked_as_well(self, site: TestClient) -> None:
        """Alone, and beside a text, half way between."""
        photo = as_base64(coloured(*GREEN, seed=9))
        assert ids(ask(site, photo=photo)) == ["leaf"]
        assert ids(ask(site, photo=photo, text="green"))[0] == "leaf"

    @pytest.mark.parametrize("off", [{"weights": {"dual": 0}}, {"mode": "words"}], ids=["weight", "mode"])
    def test_it_can_be_left_out_of_a_question(self, site: TestClient, off: dict[str, Any]) -> None:
        """A weight of 0, or a mode of other arms."""
        assert ids(ask(site, text="red", **off)) == ["told"]

    def test_similar_posts_look_alike(self, site: TestClient) -> None:
        """Before any model a post without words has its look."""
        answer = site.get("/v1/posts/ruby/similar", params={"country": "DE"}).json()
        assert [hit["id"] for hit in answer["hits"]] == ["rose"]

    def test_the_status_says_how_many_it_has_seen(self, site: TestClient, dual: DualEncoder) -> None:
        """The operator sees what is still to be ingested again."""
        assert site.get("/v1/status").json()["dual_encoder"] == {"id": dual.id, "posts": 4}


class TestTheLaw:
    def test_what_is_held_is_not_found(self, site: TestClient, store: ReferenceStore, dual: DualEncoder) -> None:
        """It was placed, and the gate's filter holds inside this arm too."""
        (held,) = store.get(["held"])
        assert held is not None
        assert held.vector(DUAL, dual.id) is not None
        for country in ("RU", "DE", "XX"):
            assert "held" not in ids(ask(site, text="red", country=country))
        assert "held" in ids(ask(site, text="red", country="IS"))

    def test_a_text_that_is_refused_never_reaches_the_network(self, store: ReferenceStore, tmp_path: Path) -> None:
        """The gate comes first; nor do annotating and comparing need the network."""

        class Listening(DualEncoder):
            """Remembers what it was given to read."""

            heard: tuple[str, ...] = ()

            def embed_text(self, text: str) -> Features | None:
                self.heard = (*self.heard, text)
                return super().embed_text(text)

        dual = Listening(read_dual_spec(write_dual(tmp_path)))
        service = Service(store, Models(), PhotoParts(dual=dual), Law())
        country = resolve("RU", None, True)
        assert service.search(Question("a red toddler"), country).disclaimer == SENTENCE
        service.annotate(Question("red"), country)
        service.match("red", None, "ruby", country)
        assert dual.heard == ()
        service.search(Question("red boat"), country)
        assert dual.heard == ("red boat",)


class TestPostsFromBefore:
    def test_the_same_line_again_lets_it_see(self, dual: DualEncoder) -> None:
        """Posts that were stored before the dual encoder was named are unchanged by it, and found from then on."""
        store = ReferenceStore()
        take(store, None, *POSTS)
        store.add_vector(DUAL.of(dual.id), dual.size)
        with client_from(create_app(ServiceSettings(), Parts(store, photos=PhotoParts(dual=dual)))) as site:
            assert ids(ask(site, text="красный")) == []
            assert {result.status for result in take(store, dual, *POSTS[:4])} == {"unchanged"}
            assert set(ids(ask(site, text="красный"))) == {"ruby", "rose"}

    def test_another_photo_under_the_same_version_is_not_taken_for_it(self, dual: DualEncoder) -> None:
        """What is unchanged in the store is placed by its own photo, or not at all."""
        store = ReferenceStore()
        take(store, None, pictured("ruby", RED, 1))
        store.add_vector(DUAL.of(dual.id), dual.size)
        assert [result.status for result in take(store, dual, pictured("ruby", GREEN, 3))] == ["unchanged"]
        (point,) = store.get(["ruby"])
        assert point is not None
        assert point.vector(DUAL, dual.id) is None

    def test_without_it_everything_is_as_it_was(self, dual: DualEncoder) -> None:
        """Who leaves the setting out again finds by the other arms, and loses nothing."""
        store = ReferenceStore()
        store.add_vector(DUAL.of(dual.id), dual.size)
        take(store, dual, *POSTS)
        with client_from(create_app(ServiceSettings(), Parts(store))) as site:
            assert ids(ask(site, text="red")) == ["told"]
            assert site.get("/v1/status").json()["dual_encoder"] is None
        assert store.info().sizes(DUAL) == {dual.id: 3}


@contextmanager
def serving(model: TopicModel | None, dual: DualEncoder) -> Iterator[TestClient]:
    """Serve a model at a store of its own, with coloured photos of which all say the same."""
    assert model is not None
    store = ReferenceStore()
    add_vectors(store, model)
    store.activate(model.id)
    store.add_vector(DUAL.of(dual.id), dual.size)
    posts = [pictured(f"p{n}", (RED, GREEN, BLUE)[n % 3], n, text=f"трамвай на улице, мост {n}") for n in range(9)]
    assert {result.status for result in take(store, dual, *posts, model=model)} == {"stored"}
    parts = Parts(store, models=Models(model), photos=PhotoParts(dual=dual))
    with client_from(create_app(ServiceSettings(), parts)) as client:
        yield client


class TestWithAModel:
    @pytest.fixture
    def taught(self, world: World, dual: DualEncoder) -> Iterator[TestClient]:
        """The small world's model, which has not met this dual encoder."""
        with serving(world.model, dual) as client:
            yield client

    def test_the_look_decides_where_words_do_not(self, taught: TestClient) -> None:
        """All say the same; those that look like the question come first, unless it weighs nothing."""
        answer = ask(taught, text="красный трамвай", limit=9)
        assert set(ids(answer)[:3]) == {"p0", "p3", "p6"}
        assert set(ids(answer)) == {f"p{n}" for n in range(9)}
        without = ask(taught, text="красный трамвай", limit=9, weights={"dual": 0})
        assert set(ids(without)[:3]) != {"p0", "p3", "p6"}

    def test_what_shares_no_topic_is_found_by_its_look(self, taught: TestClient) -> None:
        """A word that the model has never seen."""
        assert set(ids(ask(taught, text="green"))) == {"p1", "p4", "p7"}

    def test_a_slip_is_placed_as_it_was_meant(self, taught: TestClient) -> None:
        """The network reads the word that is searched."""
        mended, plain = (ask(taught, text=text, limit=9) for text in ("трамвый", "трамвай"))
        assert mended["query"]["respelled"] == {"трамвый": "трамвай"}
        assert [hit["looks_like"] for hit in mended["hits"]] == [hit["looks_like"] for hit in plain["hits"]]
        assert mended["hits"][0]["looks_like"] == pytest.approx(1, abs=0.1)

    def test_pages_do_not_overlap(self, taught: TestClient) -> None:
        """The order is the same on every page."""
        whole = ids(ask(taught, text="красный трамвай", limit=9))
        parts = [ids(ask(taught, text="красный трамвай", limit=3, offset=offset)) for offset in (0, 3, 6)]
        assert [post for part in parts for post in part] == whole

    def test_a_match_leaves_out_what_no_caption_has_told_of(self, taught: TestClient) -> None:
        """Until the next training the look orders; the number beside each hit is what the words alone come to."""
        hits = ask(taught, text="красный трамвай", limit=9)["hits"]
        alone = {hit["id"]: matched(taught, "красный трамвай", hit["id"]) for hit in hits}
        without = {
            hit["id"]: hit["match"] for hit in ask(taught, text="красный трамвай", limit=9, weights={"dual": 0})["hits"]
        }
        assert without == alone
        assert hits[0]["match"] == alone[hits[0]["id"]]
        assert all(hit["match"] <= alone[hit["id"]] for hit in hits)


@pytest.fixture(scope="module")
def calibrated(world: World, dual: DualEncoder) -> Iterator[TestClient]:
    """A model of which a hundred and twenty posts have told what the cosines of the dual encoder mean."""
    assert world.model is not None
    rng, held = np.random.default_rng(0), []
    for number in range(120):
        colour, word = ((RED, "red"), (GREEN, "green"), (BLUE, "blue"))[number % 3]
        photo = plain(*np.clip(np.array(colour) + rng.integers(-40, 40, 3), 0, 255).tolist())
        captions = [f"a {word} tram in the street", f"{word} bridge"]
        held.append(HeldPost(captions, {}, {IMAGE: {"x": 1.0}}, None, dual.embed_photos([photo])[0]))
    with serving(with_odds(world.model, held, None, dual), dual) as client:
        yield client


class TestCalibrated:
    """Captions that nobody learned from have told what its cosines mean."""

    def test_what_looks_like_the_question_matches_more(self, calibrated: TestClient) -> None:
        """The match falls from hit to hit, and from what is red to what is not."""
        answer = ask(calibrated, text="красный трамвай", limit=9)
        matches = {hit["id"]: hit["match"] for hit in answer["hits"]}
        assert set(ids(answer)[:3]) == {"p0", "p3", "p6"}
        assert list(matches.values()) == sorted(matches.values(), reverse=True)
        assert min(matches[red] for red in ("p0", "p3", "p6")) > 1.5 * max(matches[other] for other in ("p1", "p2"))

    def test_search_and_match_say_the_same(self, calibrated: TestClient) -> None:
        """One number, whoever asks for it and in whatever mode."""
        for mode in ("hybrid", "topics", "words"):
            for hit in ask(calibrated, text="красный трамвай", limit=9, mode=mode)["hits"]:
                said = matched(calibrated, "красный трамвай", hit["id"])
                assert hit["match"] == said if mode == "hybrid" else hit["match"] <= said

    def test_an_account_says_how_near_it_looks(self, calibrated: TestClient) -> None:
        """And which line of odds holds."""
        answer = ask(calibrated, text="красный трамвай", explain=True)
        account = answer["hits"][0]["account"]
        assert account["kind"].endswith(", dual")
        assert account["dual"] == pytest.approx(answer["hits"][0]["looks_like"], abs=0.01)

    def test_a_photo_finds_what_looks_like_it(self, calibrated: TestClient) -> None:
        """Posts that look alike match more than those that do not; a weight of 0 leaves the look out."""
        similar = calibrated.get("/v1/posts/p0/similar", params={"country": "DE", "limit": 9}).json()["hits"]
        assert {hit["id"] for hit in similar[:2]} == {"p3", "p6"}
        assert similar[0]["match"] > similar[-1]["match"]
        without = ask(calibrated, text="красный трамвай", limit=9, weights={"dual": 0})
        assert without["hits"][0]["match"] < 1.5 * without["hits"][-1]["match"]


def test_training_lets_captions_tell_what_its_cosines_mean(dual: DualEncoder, tmp_path: Path) -> None:
    """Those of posts kept aside; the model remembers of which dual encoder, and another one orders alone again."""
    store, colours = ReferenceStore(), ((RED, "red"), (GREEN, "green"), (BLUE, "blue"))
    store.add_vector(DUAL.of(dual.id), dual.size)
    words = ("lake", "bridge", "street", "garden", "harbour")
    posts = [
        pictured(f"p{n}", colours[n % 3][0], n, text=f"a {colours[n % 3][1]} boat, {words[n % 5]} {words[n % 4]}")
        for n in range(90)
    ]
    assert {result.status for result in take(store, dual, *posts)} == {"stored"}
    recipe = Recipe(topics=5, passes=5, background=0, threads=1)
    model = retrain(store, tmp_path / "models", recipe, "none", held_out=2, dual=dual).model
    assert model.ranking.dual_id == dual.id
    assert model.ranking.lines["photo, dual"].dual > 0
    kept = load_model(tmp_path / "models" / model.id).ranking
    assert kept == model.ranking
    assert retrain(store, tmp_path / "other", recipe, "none", held_out=2).model.ranking.dual_id == ""
