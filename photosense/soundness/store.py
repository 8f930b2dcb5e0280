"""The store against itself: every post is read, indexes and columns are compared with what was read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from compliance.facts import Vis
from photosense.soundness.points import PointCheck
from photosense.soundness.verdict import RESTORE, PartVerdict
from qdrant.filters import Has, Posts, any_of
from qdrant.points import WORDS, Fields, StoredPoint
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import NamedVector

_SAMPLE: Final = 200  # posts that are found by their own vectors
_TRIES: Final = 3  # others may write while it is read: what does not agree is read again
_SEND: Final = f"send these posts again with a higher version, or {RESTORE}"
_OPTIMIZE: Final = "`photosense optimize` builds every index anew from the posts"
Watch = Callable[[StoredPoint], None]


@dataclass(slots=True)
class _Tally:
    """What was read of all posts, counted."""

    posts: int = 0
    vis: Counter[str] = field(default_factory=Counter)
    child: Counter[str] = field(default_factory=Counter)
    vectors: Counter[str] = field(default_factory=Counter)
    sample: list[StoredPoint] = field(default_factory=list)


def check_store(store: Store, watch: Watch = lambda _: None) -> PartVerdict:
    """Read every post once, and show each to `watch`; compare indexes and columns with them."""
    verdict = PartVerdict("store")
    info = store.info()
    check = PointCheck(info.vectors)
    faults: dict[str, str] = {}
    tally = _Tally()
    for point in _watched(store, tally, watch, every=max(info.posts // _SAMPLE, 1)):
        if (fault := check.fault(point)) is not None:
            faults[str(point.payload.get(Fields.ID))] = fault
    verdict.add_posts(faults, _SEND)
    says_otherwise, is_sure = _disagreements(store, tally)
    for says in says_otherwise if is_sure else ():
        verdict.add(says, _OPTIMIZE)
    for says in _strangers(store, info.vectors, info.active, tally.sample):
        verdict.add(says, _OPTIMIZE)
    vectors = ", ".join(f"{tally.vectors[vector.name]:,} {vector.name}" for vector in info.vectors)
    agree = "indexes and columns agree with them" if is_sure else "others wrote all the while, so nothing was counted"
    verdict.says = f"{tally.posts:,} posts read{', ' if vectors else ''}{vectors}; {agree}"
    return verdict


def _watched(store: Store, tally: _Tally, watch: Watch, every: int) -> Iterator[StoredPoint]:
    for point in store.scroll(features=True):
        if tally.posts % every == 0:
            tally.sample.append(point)
        _count(tally, point)
        watch(point)
        yield point


def _count(tally: _Tally, point: StoredPoint) -> None:
    tally.posts += 1
    ways = point.payload.get(Fields.VIS)
    ways = [ways] if isinstance(ways, str) else list(ways or ())
    tally.vis.update(ways)
    tally.child[str(point.payload.get(Fields.CHILD))] += 1
    tally.vectors.update(point.vectors.keys())


def _disagreements(store: Store, tally: _Tally) -> tuple[list[str], bool]:
    """What indexes count otherwise than what was read, and whether that is sure.

    When others write meanwhile, it is read again; whoever finds somebody writing each time can tell nothing by a count.
    """
    wrong, wrote = list(_miscounts(store, tally)), False
    for _ in range(_TRIES - 1):
        if not wrong:
            break
        tally, before = _Tally(), store.written
        for point in store.scroll():
            _count(tally, point)
        wrong, wrote = list(_miscounts(store, tally)), store.written != before
    return wrong, not wrong or not wrote


def _miscounts(store: Store, tally: _Tally) -> Iterator[str]:
    if (count := store.count()) != tally.posts:
        yield f"The store counts {count:,} posts, {tally.posts:,} can be read."
    for name, counted in ((Fields.VIS, tally.vis), (Fields.CHILD, tally.child)):
        for value, posts in counted.items():
            if (count := store.count(any_of(name, [value]))) != posts:
                yield f"The index of {name} counts {count:,} posts of {value}, {posts:,} can be read."
    for name, posts in tally.vectors.items():
        if (count := store.count(Has(name))) != posts:
            yield f"The store counts {count:,} vectors {name}, {posts:,} can be read."
    if (count := store.count(Has(WORDS))) > tally.posts - tally.vis[Vis.HELD.value]:
        yield f"{count:,} posts are found by words, {tally.posts - tally.vis[Vis.HELD.value]:,} may be."


def _strangers(
    store: Store, vectors: Mapping[NamedVector, int], active: str | None, sample: list[StoredPoint]
) -> Iterator[str]:
    """Posts that are not found by their own vectors, or whose columns hold other vectors than they do."""
    named = {vector.name: vector for vector in vectors}
    for point in sample:
        for name, values in point.vectors.items():
            vector = named.get(name)
            if vector is None or not np.isfinite(values).all():
                continue  # that is told already
            target = Target(values, "" if vector.owner == active else vector.owner)
            found = store.candidates(
                Search(1, near={vector.kind: target}, filter=Posts(frozenset({point.id})), exact=True)
            )
            hits = found.hits[vector.kind]
            there = hits[0].point.vector(vector.kind, target.owner) if hits else None
            if there is None or not np.allclose(there, values, atol=1e-6):
                (now,) = store.get([point.id])
                if now is not None and np.array_equal(now.vectors.get(name, ()), values):  # else it was written anew
                    yield f"The post {point.id[:60]!r} is not found by its own vector {name}."
