"""What waits for a person: in which order, chosen by what, with the held posts that a copy is like beside it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from itertools import islice
from typing import Final, NamedTuple

from compliance.facts import Child, Facts, from_payload
from compliance.law import Law
from compliance.precedence import originals_of
from qdrant.filters import Filter, Posts, any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store

MOST_ORIGINALS: Final = 5  # held posts shown beside one copy: more of them show the same
MOST_AUTHORS: Final = 20  # named to choose from


class QueueOrder(StrEnum):
    """What comes first: what is most likely to show a child, or what waits longest."""

    SCORE = "score"
    AGE = "age"


class Waiting(NamedTuple):
    """Which posts are wanted of those that wait: found by a rule, of an author, only those that nobody looked at."""

    rule: str | None = None
    author: str | None = None
    unseen: bool | None = None  # None: all of them, the unseen ones last
    order: QueueOrder = QueueOrder.SCORE


class QueuedPost(NamedTuple):
    """A post that waits for a person, and the held posts that it is a copy of, where they are still stored."""

    point: StoredPoint
    facts: Facts
    originals: Sequence[StoredPoint] = ()


class QueuePage(NamedTuple):
    """Some of what waits, how much of it was wanted, and what all of it may be chosen by."""

    posts: Sequence[QueuedPost]
    total: int
    found: int  # how many posts there are in which something was found
    unseen: int  # and with photos that nobody looked at, where the rules want them seen
    rules: Mapping[str, int]
    authors: Mapping[str, int]


class ReviewQueue:
    """Reads what waits from the store."""

    def __init__(self, store: Store, law: Law) -> None:
        self._store = store
        self._wants_photos_seen = law.gate.requires_detector

    def page(self, limit: int, offset: int = 0, wanted: Waiting | None = None) -> QueuePage:
        """What waits: the highest score first, then what waits longest; unseen photos come last."""
        wanted = wanted or Waiting()
        counts = _Counts()
        found = self._waiting(any_of(Fields.CHILD, [Child.REVIEW]))
        fitting = (post for post in found if counts.take(post, wanted))
        first = nsmallest(offset + limit, fitting, key=_ORDERS[wanted.order])[offset:]
        total, unseen = counts.fitting, any_of(Fields.CHILD, [Child.UNSEEN])
        count = self._store.count(unseen) if self._wants_photos_seen else 0
        if count and wanted.unseen is not False and wanted.rule is None:
            photos = self._waiting(unseen)
            if wanted.author is not None:
                own = [post for post in photos if _fits(post, wanted)]
                photos, more = iter(own), len(own)
            else:
                more = count
            skipped = max(offset - total, 0)
            first += islice(photos, skipped, skipped + limit - len(first))
            total += more
        posts = self._beside_their_originals(first)
        authors = dict(counts.authors.most_common(MOST_AUTHORS))
        return QueuePage(posts, total, counts.found, count, dict(counts.rules.most_common()), authors)

    def numbers(self, posts: Sequence[StoredPoint]) -> dict[str, Sequence[float]]:
        """What further networks told of the photos of posts, in numbers, where they did."""
        wanted = Posts(frozenset(point.id for point in posts))
        rows = ((point.id, point.evidence) for point in self._store.scroll(wanted, features=True)) if posts else ()
        return {post: row.tolist() for post, row in rows if row is not None}

    def _waiting(self, where: Filter) -> Iterator[QueuedPost]:
        return (QueuedPost(point, from_payload(point.facts)) for point in self._store.scroll(where))

    def _beside_their_originals(self, queued: Sequence[QueuedPost]) -> list[QueuedPost]:
        names = [originals_of(post.facts)[:MOST_ORIGINALS] for post in queued]
        wanted = sorted({name for each in names for name in each})
        stored = {point.id: point for point in self._store.get(wanted) if point is not None} if wanted else {}
        return [
            post._replace(originals=[stored[name] for name in each if name in stored])
            for post, each in zip(queued, names, strict=True)
        ]


@dataclass(slots=True)
class _Counts:
    """What is counted of all posts in which something was found, while those that are wanted are taken."""

    found: int = 0
    fitting: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)

    def take(self, post: QueuedPost, wanted: Waiting) -> bool:
        self.found += 1
        self.rules.update(_kinds(post.facts))
        self.authors.update(_authors(post.point))
        fits = wanted.unseen is not True and _fits(post, wanted)
        self.fitting += fits
        return fits


def _fits(post: QueuedPost, wanted: Waiting) -> bool:
    return (wanted.rule is None or wanted.rule in _kinds(post.facts)) and (
        wanted.author is None or wanted.author in _authors(post.point)
    )


def _kinds(facts: Facts) -> set[str]:
    """The rules that found a post; marks that name another post are of one kind."""
    return {rule.partition(":")[0] for rule in facts.rules}


def _authors(point: StoredPoint) -> set[str]:
    return {caption["author"] for caption in point.post.get("captions") or () if caption.get("author")}


def _urgency(post: QueuedPost) -> tuple[float, str, str]:
    score = post.facts.score
    return -(score if score is not None else 1.0), *_age(post)


def _age(post: QueuedPost) -> tuple[str, str]:
    return post.point.payload.get(Fields.ADDED) or "", post.point.id


_ORDERS: Final[Mapping[QueueOrder, Callable[[QueuedPost], tuple[float | str, ...]]]] = {
    QueueOrder.SCORE: _urgency,
    QueueOrder.AGE: _age,
}
