"""Photos on their way through the pipeline: wherever they are decoded and seen, the same posts are stored."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from compliance.facts import Thresholds
from compliance.law import Law
from compliance.photo.caption_words import CaptionWords
from compliance.photo.detector import PhotoScore
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.photos.photo_stage import PHOTOS_AT_ONCE, Decoder, ThreadDecoder
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from photosense.settings import Settings
from tests.support.crawl import ENCODER, crawl, encoded, lines, post
from tests.support.reference_store import ReferenceStore
from topic_model.models import Models
from vision.decoding.pool import DecodePool


class Features:
    """A detector of which only the features matter that it is shown; it remembers them."""

    thresholds = Thresholds(0.4, 0.9)

    def __init__(self) -> None:
        self.calls: list[np.ndarray] = []

    def judge(self, features: np.ndarray, words: Sequence[CaptionWords], numbers: np.ndarray) -> list[PhotoScore]:
        assert len(words) == len(features) == len(numbers)
        self.calls.append(features)
        return [PhotoScore(score, self.thresholds) for score in features[:, 0].astype(np.float64).tolist()]


def sent() -> list[InputLine]:
    """More photos than are looked at together, with some that no decoder likes among them."""
    posts: list[dict[str, Any] | bytes] = [*crawl(3 * PHOTOS_AT_ONCE + 5)]
    posts[7:7] = [post("cut", photo=encoded("sea")[:902]), b"{", post("words", "city")]
    posts.append(post("page", photo="data:image/png;base64,PGh0bWw+"))
    return lines(*posts)


def untimed(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in ("added", "changed")}


def batches(every: Sequence[InputLine], size: int) -> list[Sequence[InputLine]]:
    return [every[at : at + size] for at in range(0, len(every), size)]


@pytest.mark.parametrize("flows", [True, False], ids=["a file", "a request"])
def test_who_decodes_and_sees_changes_nothing(flows: bool) -> None:
    """Here, in processes that decode, in processes that see as well: results, documents, hashes, scores are equal."""
    ends = []
    with DecodePool(2) as decoding, DecodePool(2, encoder=ENCODER) as seeing:
        decoders: tuple[Decoder, ...] = (ThreadDecoder(ENCODER.side), decoding, seeing)
        for decoder in decoders:
            store, detector = ReferenceStore(), Features()
            pipeline = Pipeline(
                store, Models(), PhotoParts(ENCODER, detector=detector, decoder=decoder), Law(), Intake(Settings())
            )
            if flows:
                drafts = [draft for part in pipeline.flow(batches(sent(), 40), InlinePhotos()) for draft in part]
                results = [draft.result for draft in drafts]
                assert all(draft.look is None for draft in drafts)
            else:
                results = pipeline.take(sent(), InlinePhotos())
            points = {point.id: (untimed(point.payload), point.document()) for point in store.scroll()}
            ends.append((results, json.dumps(points, default=str, sort_keys=True), np.concatenate(detector.calls)))
    assert len(ends[0][0]) == len(sent())
    for results, stored, features in ends[1:]:
        assert results == ends[0][0]
        assert stored == ends[0][1]
        assert np.array_equal(features, ends[0][2])
    reasons = [result.reason for result in ends[0][0] if result.reason]
    assert reasons == ["photo_broken", "broken_json", "photo_unsupported"]
