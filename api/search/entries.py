"""Entries: candidates that are shown, read whole; the law decides by what is read here, whatever found them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from api.search.candidates import Shortlist, known
from compliance.facts import Facts, from_payload
from qdrant.points import StoredPoint
from qdrant.store import Store


@dataclass(frozen=True)
class Entry:
    """A post that was found, as it is stored now, and its match."""

    point: StoredPoint
    match: float | None

    @cached_property
    def facts(self) -> Facts:
        """What is known of the post and children, read once."""
        return from_payload(self.point.facts)


def read(candidates: Shortlist, store: Store) -> Iterator[Entry]:
    """Read candidates whole, in order; those that are gone by now are left out."""
    points = store.get(candidates.ids) if candidates else []
    for match, point in zip(candidates.matches.tolist(), points, strict=True):
        if point is not None:
            yield Entry(point, known(match))
