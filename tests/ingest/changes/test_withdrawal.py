"""What a refused update was to replace goes where the site asks for it, and what was held is remembered."""

from pathlib import Path

import pytest

from compliance.law import Law
from compliance.records.tombstones import Tombstones
from ingest.changes.withdrawal import OnReject
from ingest.draft import Result
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from tests.support.crawl import ENCODER, lines, make_pipeline, post
from tests.support.reference_store import ReferenceStore
from topic_model.models import Models

WITHDRAW = OnReject.WITHDRAW


def take(pipeline: Pipeline, *sent: dict[str, object], wish: OnReject | None = None) -> list[Result]:
    return pipeline.take(lines(*sent), InlinePhotos(), wish)


@pytest.fixture
def store() -> ReferenceStore:
    return ReferenceStore()


def test_the_last_line_of_a_post_decides(store: ReferenceStore) -> None:
    """A refused line that a better one follows takes nothing with it; one that follows a better one does."""
    pipeline = make_pipeline(store)
    bad = {"id": "a", "text": "hm"}
    take(pipeline, post("a"))
    results = take(pipeline, bad, post("a", "city"), wish=WITHDRAW)
    assert [(result.status, list(result.marks)) for result in results] == [("rejected", []), ("stored", [])]
    results = take(pipeline, post("a", "mountains"), bad, wish=WITHDRAW)
    assert [(result.status, list(result.marks)) for result in results] == [("stored", []), ("rejected", ["withdrawn"])]
    assert store.get(["a"]) == [None]


@pytest.mark.parametrize("wish", list(OnReject))
def test_what_was_to_replace_nothing_takes_nothing(store: ReferenceStore, wish: OnReject) -> None:
    """The same words that stricter settings refuse, an older version, but not what says otherwise."""
    take(make_pipeline(store), {"id": "a", "text": "море, волна, берег"}, post("b", version=3), post("c", "mountains"))
    strict = make_pipeline(store, min_words=4)
    sent = {"id": "a", "text": "море, волна, берег"}, {"id": "b", "text": "hm", "version": 2}
    results = take(strict, *sent, post("c", photo="https://photos.example/1.jpg"), wish=wish)
    assert [result.status for result in results] == ["rejected"] * 3
    gone = [result.id for result in results if result.marks]
    assert gone == (["c"] if wish is WITHDRAW else [])
    assert [point is None for point in store.get(["a", "b", "c"])] == [False, False, wish is WITHDRAW]


def test_what_was_held_is_remembered(store: ReferenceStore, tmp_path: Path) -> None:
    """It comes back held, as after a deletion."""
    law = Law(tombstones=Tombstones(tmp_path / "tombstones.ndjson"))
    pipeline = Pipeline(store, Models(), PhotoParts(ENCODER), law, Intake())
    take(pipeline, post("a", child=True))
    (result,) = take(pipeline, {"id": "a", "captions": []})
    assert (result.reason, list(result.marks)) == ("empty", ["withdrawn"])
    take(pipeline, post("a", child=False))
    (point,) = store.get(["a"])
    assert point is not None
    assert point.payload["vis"] == "held"
