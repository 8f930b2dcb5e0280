"""Judging again: stored posts by the detector in force, by what was measured in their photos when they came in."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from compliance.facts import Child, Facts, from_payload
from compliance.law import Law
from compliance.photo.caption_words import caption_words
from compliance.photo.detector import PhotoDetector, PhotoScore
from compliance.precedence import holds_copies, judge
from ingest.remains import whole_of_point
from ingest.standing import standing
from ingest.steps.held_copies import hold_copies
from qdrant.engine.protocol import batches
from qdrant.filters import Posts
from qdrant.points import StoredPoint
from qdrant.store import Store
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
    law: Law,
    *,
    opens: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> RejudgeCounts:
    """Judge every stored photo whose features and evidence are as long as those that the detector learned from.

    What shows something else by the time it would be written is judged once more. Facts get stricter, and a reviewer
    outranks it. Only with `opens` may a photo that nobody looked at become clear: whoever wants that knows that the
    encoder in force has measured all photos of the store.
    """
    counts, done = RejudgeCounts(), 0
    for part in batches(store.scroll(features=True)):
        counts.photos += sum(_is_measured(point, detector) for point in part)
        counts.unmeasured += sum(bool(point.tokens(IMAGE)) and not _is_measured(point, detector) for point in part)
        points = part
        while points:
            measured = [point for point in points if _is_measured(point, detector)]
            seen, verdicts = {point.id: whole_of_point(point) for point in measured}, _verdicts(measured, detector)
            with law.turn:
                became, others = _write(store, law, verdicts, seen, opens=opens)
            counts.became.update(became)
            points = list(store.scroll(Posts(frozenset(others)), features=True)) if others else []
        done += len(part)
        progress(done)
    return counts


def _is_measured(point: StoredPoint, detector: PhotoDetector) -> bool:
    return bool(point.tokens(IMAGE)) and detector.has_seen_like(point.features, point.evidence)


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


def _write(
    store: Store, law: Law, verdicts: Mapping[str, PhotoScore], seen: Mapping[str, str], *, opens: bool
) -> tuple[Counter[Child], list[str]]:
    """Read the facts once more and write those that change; gives the posts, too, that show something else by now."""
    changed: dict[str, tuple[StoredPoint, Facts]] = {}
    others: list[str] = []
    became: Counter[Child] = Counter()
    for point in store.get(list(verdicts)) if verdicts else ():
        if point is None:
            continue
        if whole_of_point(point) != seen[point.id]:
            others.append(point.id)
            continue
        before = from_payload(point.facts)
        facts = judge(before, *verdicts[point.id], opens=opens)
        if facts != before:
            changed[point.id] = point, facts
            became[facts.child] += facts.child is not before.child  # else it changed beneath a decision alone
    if changed:
        store.set_facts({post: standing(facts, point) for post, (point, facts) in changed.items()})
        hold_copies(store, [point for point, facts in changed.values() if holds_copies(facts)])
    for post, (point, facts) in changed.items():
        law.held_photos.note(post, point.likeness, facts)
    return +became, others
