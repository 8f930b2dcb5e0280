"""A dual encoder finds photos by what they look like, with a model or without, and never past the gate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from tests.support.tiny_dual import coloured, write_dual
from topic_model.model import TopicModel
from topic_model.models import Models
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


class TestWithAModel:
    @pytest.fixture
    def taught(self, world: World, dual: DualEncoder) -> Iterator[TestClient]:
        """The small world's model, at a store of its own with coloured photos."""
        assert world.model is not None
        store = ReferenceStore()
        add_vectors(store, world.model)
        store.activate(world.model.id)
        store.add_vector(DUAL.of(dual.id), dual.size)
        posts = [pictured(f"p{n}", (RED, GREEN, BLUE)[n % 3], n, text=f"трамвай на улице, мост {n}") for n in range(9)]
        assert {result.status for result in take(store, dual, *posts, model=world.model)} == {"stored"}
        with client_from(
            create_app(ServiceSettings(), Parts(store, models=Models(world.model), photos=PhotoParts(dual=dual)))
        ) as client:
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
