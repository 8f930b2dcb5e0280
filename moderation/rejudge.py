"""Judging again: stored posts by the detector in force, by what was measured in their photos when they came in."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from compliance.facts import Child, from_payload
from compliance.photo.caption_words import caption_words
from compliance.photo.detector import PhotoDetector, PhotoScore
from compliance.precedence import holds_copies, judge
from ingest.standing import standing
from ingest.steps.held_copies import hold_copies
from qdrant.engine.protocol import batches
from qdrant.points import StoredPoint
from qdrant.store import Standing, Store
from topic_model.document import IMAGE


@dataclass(slots=True)
class RejudgeCounts:
    """How many photos were judged, what changed posts became, and how many photos have nothing to judge them by."""

    photos: int = 0
    became: Counter[Child] = field(default_factory=Counter)
    unmeasured: int = 0


def rejudge(
    store: Store,
    detector: PhotoDetector,
    turn: AbstractContextManager[Any],
    *,
    opens: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> RejudgeCounts:
    """Judge every stored photo whose features and evidence are as long as those that the detector learned from.

    `turn` is the law's: who holds it writes facts alone.

    Facts get stricter, and a reviewer outranks it. Only with `opens` may a photo that nobody looked at become clear:
    whoever wants that knows that the encoder in force has measured all photos of the store.
    """
    counts, done = RejudgeCounts(), 0
    for part in batches(store.scroll(features=True)):
        photos = [point for point in part if point.tokens(IMAGE)]
        measured = [point for point in photos if detector.has_seen_like(point.features, point.evidence)]
        counts.photos += len(measured)
        counts.unmeasured += len(photos) - len(measured)
        verdicts = _verdicts(measured, detector)
        with turn:
            counts.became.update(_write(store, verdicts, opens=opens))
        done += len(part)
        progress(done)
    return counts


def _verdicts(points: Sequence[StoredPoint], detector: PhotoDetector) -> dict[str, PhotoScore]:
    if not points:
        return {}
    features = np.stack([point.features for point in points if point.features is not None])
    rows = [point.evidence for point in points if point.evidence is not None] if detector.weights else []
    numbers = np.stack(rows) if rows else None
    captions = [
        caption_words([caption["text"] for caption in point.post["captions"]], point.post["tags"]) for point in points
    ]
    return dict(zip([point.id for point in points], detector.judge(features, captions, numbers), strict=True))


def _write(store: Store, verdicts: dict[str, PhotoScore], *, opens: bool) -> Counter[Child]:
    """Read the facts once more and write those that change: a server may have changed them since."""
    changed: dict[str, Standing] = {}
    held: list[StoredPoint] = []
    became: Counter[Child] = Counter()
    for point in store.get(list(verdicts)) if verdicts else ():
        if point is None:
            continue
        before = from_payload(point.facts)
        facts = judge(before, *verdicts[point.id], opens=opens)
        if facts != before:
            changed[point.id] = standing(facts, point)
            held += [point] if holds_copies(facts) else []
            became[facts.child] += facts.child is not before.child  # else it changed beneath a decision alone
    if changed:
        store.set_facts(changed)
        hold_copies(store, held)
    return +became
