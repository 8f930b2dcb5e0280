"""Points that were found lately, so that a hit need not be unpacked again as long as its version is the same."""

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from qdrant.points import StoredPoint

LIMIT = 10_000  # about 10 kB each


class RecentPoints:
    """Remembers points by the engine's id and version; any write to a point gives it a new version."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._points: dict[Any, tuple[Hashable, StoredPoint]] = {}
        self._adding = threading.Lock()

    def find(
        self, hits: Iterable[tuple[Any, Hashable]], fetch: Callable[[list[Any]], Mapping[Any, StoredPoint]]
    ) -> dict[Any, StoredPoint]:
        """Give the points of hits (id and version); `fetch` reads the others, and leaves out what was deleted."""
        points: dict[Any, StoredPoint] = {}
        missing: dict[Any, Hashable] = {}
        for key, version in hits:
            known = self._points.get(key)
            if known is not None and known[0] == version:
                points[key] = known[1]
            else:
                missing[key] = version
        if missing:
            fetched = fetch(list(missing))
            points.update(fetched)
            # A write in between gives newer content under an older version: the next hit has the newer, and asks again.
            self._add({key: (missing[key], point) for key, point in fetched.items()})
        return points

    def _add(self, points: Mapping[Any, tuple[Hashable, StoredPoint]]) -> None:
        with self._adding:
            self._points.update(points)
            while len(self._points) > self._limit:
                del self._points[next(iter(self._points))]
