"""A photo that stays is what it was: seen, recognised and judged as if it had been sent again."""

from dataclasses import replace

import numpy as np
import pytest

from compliance.facts import Child, Source, from_payload, to_payload
from compliance.law import Law
from compliance.photo.detector import PhotoDetector
from compliance.photo.train import learn_detector
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from qdrant.filters import Posts
from qdrant.points import StoredPoint
from tests.support.crawl import ENCODER, encoded, lines, post
from tests.support.reference_store import ReferenceStore
from topic_model.models import Models


def pipeline_of(store: ReferenceStore, detector: PhotoDetector | None = None) -> Pipeline:
    return Pipeline(store, Models(), PhotoParts(ENCODER, detector=detector), Law(), Intake())


def point_of(store: ReferenceStore, name: str) -> StoredPoint:
    return next(store.scroll(Posts(frozenset({name})), features=True))


@pytest.fixture(scope="module")
def detector() -> PhotoDetector:
    """It learned that mountains are what shows a child."""
    store = ReferenceStore()
    sent = [post(f"{scene}{n}", scene, photo=encoded(scene, n)) for n in range(60) for scene in ("sea", "mountains")]
    pipeline_of(store).take(lines(*sent), InlinePhotos())
    points = [point_of(store, each["id"]) for each in sent]
    features = np.stack([point.features for point in points if point.features is not None])
    return learn_detector(ENCODER.id, features, np.array([point.id.startswith("m") for point in points], float))


def test_a_change_leaves_what_sending_all_of_it_leaves() -> None:
    """Visual words, features, what copies of it are recognised by, and facts are the same."""
    store = ReferenceStore()
    before = post("a", photo=encoded("sea"), child=False)
    pipeline_of(store).take(lines(before), InlinePhotos())
    pipeline_of(store).change("a", {"tags": ["буря"]}, InlinePhotos())
    changed = point_of(store, "a")
    store.delete(["a"])
    pipeline_of(store).take(lines({**before, "tags": ["буря"]}), InlinePhotos())
    sent = point_of(store, "a")
    assert changed.document() == sent.document()
    assert (changed.post, changed.facts, changed.likeness) == (sent.post, sent.facts, sent.likeness)
    assert np.array_equal(np.asarray(changed.features), np.asarray(sent.features))
    keys = [{key for key in point.payload["content"] if "both" not in key} for point in (changed, sent)]
    assert keys[0] == keys[1]


def test_it_is_judged_again_with_what_is_said_now(detector: PhotoDetector) -> None:
    """By the detector in force, also where there was none when it came in."""
    store = ReferenceStore()
    scenes = {"sea": "sea", "peak": "mountains"}
    sent = [post(name, scene, photo=encoded(scene, len(name))) for name, scene in scenes.items()]
    pipeline_of(store).take(lines(*sent), InlinePhotos())
    assert {from_payload(point.facts).child for point in store.scroll()} == {Child.UNSEEN}
    for name in ("sea", "peak"):
        pipeline_of(store, detector).change(name, {"tags": ["x"]}, InlinePhotos())
    facts = {point.id: from_payload(point.facts) for point in store.scroll()}
    assert facts["sea"].child is Child.CLEAR
    assert (facts["peak"].child, facts["peak"].source) == (Child.CHILD, Source.PHOTO)


def test_what_a_detector_said_stands_where_none_can_judge(detector: PhotoDetector) -> None:
    """Without a detector, and where the photo was measured otherwise: no change of words opens what a photo holds."""
    store = ReferenceStore()
    pipeline_of(store, detector).take(lines(post("peak", "mountains", photo=encoded("mountains", 90))), InlinePhotos())
    held = point_of(store, "peak").facts
    assert from_payload(held).source is Source.PHOTO
    mean = np.append(detector.machine.mean, np.float32(0))
    other = replace(detector, machine=replace(detector.machine, mean=mean))
    for number, one in enumerate((None, other)):
        result = pipeline_of(store, one).change("peak", {"tags": [f"x{number}"]}, InlinePhotos())
        assert result is not None
        assert result.status == "stored"
        facts = from_payload(point_of(store, "peak").facts)
        assert to_payload(replace(facts, history=())) == {**held}
