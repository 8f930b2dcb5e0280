"""A photo of which hardly a word is said is found by what a network surely sees, by name."""

import pytest

from compliance.law import Law
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from photosense.settings import Settings
from qdrant.store import Search
from tests.support.crawl import encoded, lines
from tests.support.points import ids
from tests.support.reference_store import ReferenceStore
from topic_model.document import TEXT
from topic_model.models import Models
from vision.encoder import Words
from vision.patches.patches import PatchesEncoder

PHOTO = encoded("sea")


class Naming(PatchesEncoder):
    """Sees a boat in every photo, and what no network should say."""

    def names(self, words: Words) -> dict[str, float]:
        return {"fishing boat": 0.75, "teddy bear": 0.9} if words else {}


@pytest.fixture
def store() -> ReferenceStore:
    return ReferenceStore()


def pipeline_of(store: ReferenceStore, *, photo_names: bool = True) -> Pipeline:
    settings = Settings(photo_names=photo_names, min_words=0)
    return Pipeline(store, Models(), PhotoParts(Naming()), Law(), Intake(settings))


def words_of(store: ReferenceStore, post: str) -> dict[str, float]:
    """The words of a post, beside its hashtags."""
    (point,) = store.get([post])
    assert point is not None
    return dict(point.tokens(TEXT))


def test_it_is_found_by_them_each_as_often_as_it_is_sure(store: ReferenceStore) -> None:
    """A photo alone, with nothing else said."""
    pipeline_of(store).take(lines({"id": "p", "photo": PHOTO, "child": False}), InlinePhotos())
    assert words_of(store, "p") == {"fish": 0.75, "boat": 0.75}
    assert ids(store.candidates(Search(5, words={"boat": 1.0})).words) == ["p"]


def test_beside_few_words_they_stand_and_beside_many_they_do_not(store: ReferenceStore) -> None:
    """Those of a folder's name say little of what there is to see; a sentence says it better than a network."""
    few = {"id": "few", "photo": PHOTO, "captions": [{"text": "Norway 2024"}], "child": False}
    many = {"id": "many", "photo": encoded("sea", 5), "captions": [{"text": "Evening light falls on grey water"}]}
    pipeline_of(store).take(lines(few, {**many, "child": False}), InlinePhotos())
    assert words_of(store, "few").keys() >= {"norway", "fish", "boat"}
    assert "boat" not in words_of(store, "many")


def test_of_children_no_network_says_a_word(store: ReferenceStore) -> None:
    """What the lexicon would find is left out, whatever a network was taught to call."""
    pipeline_of(store).take(lines({"id": "p", "photo": PHOTO}), InlinePhotos())
    assert not {"teddi", "teddy", "bear"} & words_of(store, "p").keys()


def test_a_caption_that_comes_later_stands_for_itself_and_one_that_goes_leaves_them(store: ReferenceStore) -> None:
    """A change of words counts as if all had been sent so."""
    pipeline = pipeline_of(store)
    pipeline.take(lines({"id": "p", "photo": PHOTO, "child": False}), InlinePhotos())
    pipeline.change("p", {"captions": [{"text": "Evening light falls on grey water"}]}, InlinePhotos())
    assert "boat" not in words_of(store, "p")
    pipeline.change("p", {"captions": []}, InlinePhotos())
    assert words_of(store, "p") == {"fish": 0.75, "boat": 0.75}


def test_a_site_may_do_without(store: ReferenceStore) -> None:
    """Then nothing is said that nobody said; a post without a photo never has names."""
    pipeline_of(store, photo_names=False).take(lines({"id": "p", "photo": PHOTO, "child": False}), InlinePhotos())
    assert words_of(store, "p") == {}
    pipeline_of(store).take(lines({"id": "q", "captions": [{"text": "Norway"}], "child": False}), InlinePhotos())
    assert words_of(store, "q").keys() == {"norway"}
