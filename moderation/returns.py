"""What comes back behind the law's back, as with an older store that is put back, is held as it was."""

from datetime import datetime

from compliance.facts import Child, Facts, Source, Vis, from_payload, vis
from compliance.law import Law
from compliance.precedence import holds_copies
from compliance.records.takedown_register import post_mark
from compliance.records.tombstones import Tombstone, Tombstones, remembered_facts
from ingest.remains import remains_of_point
from ingest.standing import standing
from ingest.steps.held_copies import hold_copies
from qdrant.engine.protocol import batches
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Standing, Store


def hold_unrecorded(store: Store) -> None:
    """Hold the posts that are open by a consent without a record, as a store of before has them."""
    for points in batches(store.scroll(any_of(Fields.CHILD, [Child.CONSENTED]))):
        facts = {point.id: (from_payload(point.facts), point) for point in points}
        bare = {post: standing(its, point) for post, (its, point) in facts.items() if its.consent is None}
        if bare:
            store.set_facts(bare)


def hold_returned(store: Store, law: Law) -> int:
    """Hold the stored posts that tombstones remember, but those that a reviewer opened later; tells how many."""
    if not len(law.tombstones):
        return 0
    count = 0
    for points in batches(store.scroll()):
        changed: dict[str, Standing] = {}
        held: list[StoredPoint] = []
        for point in points:
            stone = stone_over(point, law.tombstones)
            if stone is not None:
                facts = from_payload(point.facts)
                sent = Facts(facts.child, Source.HOST, rules=facts.rules)
                after = facts.followed_by(remembered_facts(sent, stone, point.id))
                changed[point.id] = standing(after, point)
                held += [point] if holds_copies(after) else []
        if changed:
            store.set_facts(changed)
            hold_copies(store, held)
            count += len(changed)
    return count


def stone_over(point: StoredPoint, tombstones: Tombstones) -> Tombstone | None:
    """The tombstone that an open post lies under, unless a reviewer opened it later."""
    facts = from_payload(point.facts)
    stone = None if vis(facts.child) is Vis.HELD else tombstones.match(remains_of_point(point))
    if stone is None:
        return None
    same_post = stone.post == post_mark(point.id)
    by_reviewer = facts.source is Source.REVIEWER and (not same_post or _is_later(facts, stone))
    return None if by_reviewer else stone


def _is_later(facts: Facts, stone: Tombstone) -> bool:
    """Whether a reviewer decided after, or with, what the tombstone remembers."""
    try:
        return datetime.fromisoformat(facts.at or "") >= datetime.fromisoformat(stone.at)
    except (ValueError, TypeError):
        return False
