"""Copies of a post that becomes held: whoever held it, they wait for a reviewer, who sees both and decides."""

from collections.abc import Sequence

from compliance.facts import from_payload
from compliance.precedence import copy_of, stricter
from ingest.standing import standing
from ingest.steps.copies import Known, alike_in, keys_of_point
from qdrant.points import StoredPoint
from qdrant.store import Standing, Store


def hold_copies(store: Store, held: Sequence[StoredPoint]) -> None:
    """Put the stored posts on review that show or say what these do, and that no reviewer decided on."""
    if not held:
        return
    keys = {point.id: keys_of_point(point) for point in held}
    known, points = Known(), {}
    for point in alike_in(store, keys.values()):
        points[point.id] = point
        known.add(point.id, keys_of_point(point).stored(), from_payload(point.facts))
    changed: dict[str, Standing] = {}
    for post, its in keys.items():
        for other in known.like(its, post):
            before = from_payload(points[other].facts)
            after = stricter(before, copy_of(post), same=True, silent=True)
            if after != before and other not in changed:
                changed[other] = standing(after, points[other])
    if changed:
        store.set_facts(changed)
