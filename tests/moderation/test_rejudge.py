"""A detector that was trained since judges the posts that are stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compliance.facts import Child, from_payload
from compliance.law import Law
from compliance.photo.detector import PhotoDetector
from compliance.photo.train import learn_detector
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from moderation.desk import Decision, Desk
from moderation.rejudge import rejudge
from qdrant.open_store import open_folder
from qdrant.store import Search, Store
from tests.support.crawl import ENCODER, encoded, lines, make_pipeline, photo, post
from tests.support.reference_store import ReferenceStore
from vision.decoding.decode import decode


@pytest.fixture(scope="module")
def detector() -> PhotoDetector:
    """For it the sea shows a child and the city does not."""
    scenes = [(scene, n) for n in range(40) for scene in ("sea", "city")]
    features = ENCODER.features([decode(photo(scene, n)) for scene, n in scenes])
    return learn_detector(ENCODER.id, features, np.array([float(scene == "sea") for scene, _ in scenes]))


@pytest.fixture(params=["edge", "reference"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_folder(tmp_path / "store") if request.param == "edge" else ReferenceStore()
    yield opened
    opened.close()


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    return make_pipeline(store)


def take(pipeline: Pipeline, *names: str, **fields: object) -> None:
    sent = [
        post(name, name.rstrip("0123456789"), photo=encoded(name.rstrip("0123456789"), 90), **fields) for name in names
    ]
    assert {result.status for result in pipeline.take(lines(*sent), InlinePhotos())} == {"stored"}


def child_of(store: Store, name: str) -> str:
    (point,) = store.get([name])
    assert point is not None
    return str(point.payload["child"])


def test_stored_posts_get_stricter_at_once(pipeline: Pipeline, store: Store, detector: PhotoDetector) -> None:
    """The one that shows a child is held and found by its words no more, by the photo, with what held before."""
    take(pipeline, "sea1", "city1", child=False)
    counts = rejudge(store, detector, Law())
    assert (counts.photos, counts.became, counts.unmeasured) == (2, {Child.REVIEW: 1}, 0)
    assert (child_of(store, "sea1"), child_of(store, "city1")) == ("review", "clear")
    assert store.candidates(Search(5, words={"закат": 1.0})).words == []
    (point,) = store.get(["sea1"])
    assert point is not None
    facts = from_payload(point.facts)
    assert (facts.source, [earlier.child for earlier in facts.history]) == ("photo", [Child.CLEAR])
    assert rejudge(store, detector, Law()).became == {}


def test_photo_that_nobody_looked_at_becomes_clear_only_where_that_is_wanted(
    pipeline: Pipeline, store: Store, detector: PhotoDetector
) -> None:
    """Another encoder of as many features may have measured it: somebody has to know that none did."""
    take(pipeline, "sea1", "city1")
    assert child_of(store, "city1") == "unseen"
    rejudge(store, detector, Law())
    assert child_of(store, "sea1") in ("child", "review")
    assert child_of(store, "city1") == "unseen"
    assert rejudge(store, detector, Law(), opens=True).became == {Child.CLEAR: 1}
    assert child_of(store, "city1") == "clear"


def test_reviewer_outranks_the_detector(pipeline: Pipeline, store: Store, detector: PhotoDetector) -> None:
    """What a person who looked has opened stays open."""
    take(pipeline, "sea1", child=False)
    Desk(store, Law()).decide([Decision("sea1", Child.CLEAR)], "moderator-1")
    assert rejudge(store, detector, Law(), opens=True).became == {}
    assert child_of(store, "sea1") == "clear"


def test_what_withholds_stands(pipeline: Pipeline, store: Store, detector: PhotoDetector) -> None:
    """However harmless the photo looks to the detector."""
    take(pipeline, "city1", child=True)
    assert rejudge(store, detector, Law(), opens=True).became == {}
    assert child_of(store, "city1") == "child"


def test_photos_of_another_encoder_are_counted_and_left_alone(pipeline: Pipeline, store: Store) -> None:
    """Their features are of another length; nobody can say what is in them."""
    take(pipeline, "sea1", child=False)
    features = np.random.default_rng(0).normal(size=(80, 7)).astype(np.float32)
    other = learn_detector("eyes-1", features, (np.arange(80) % 2).astype(float))
    counts = rejudge(store, other, Law())
    assert (counts.photos, counts.became, counts.unmeasured) == (0, {}, 1)


def test_another_photo_is_not_opened_by_what_was_seen_in_the_one_before(
    pipeline: Pipeline, store: Store, detector: PhotoDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came under the same id between the look and the writing: it is judged by itself, and counted once."""
    take(pipeline, "city1")
    judge = PhotoDetector.judge

    def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        sent = post("city1", "sea", photo=encoded("sea", 7))
        assert {result.status for result in pipeline.take(lines(sent), InlinePhotos())} == {"stored"}
        return judge(*given)

    monkeypatch.setattr(PhotoDetector, "judge", meanwhile)
    counts = rejudge(store, detector, Law(), opens=True)
    assert child_of(store, "city1") in ("child", "review")
    assert counts.photos == 1
    assert counts.became.keys() <= {Child.CHILD, Child.REVIEW}


def test_a_running_service_is_told_what_is_held_now(pipeline: Pipeline, store: Store, detector: PhotoDetector) -> None:
    """Its copies in disguise are held from that moment on."""
    law = Law()
    law.held_photos.read(())
    take(pipeline, "sea1", child=False)
    rejudge(store, detector, law)
    assert len(law.held_photos) == 1
