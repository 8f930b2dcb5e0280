"""What became of the posts of a push."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from photosense_client.answers import LineAnswer


@dataclass(slots=True)
class PushReport:
    """Counts of what became of the posts, and the rejected ones one by one.

    Attributes:
        statuses: How many posts were `stored`, `unchanged`, `stale`, `rejected`.
        rejected: The rejected posts: their line in the push, counted from 1, and the reason.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    rejected: list[LineAnswer] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many posts are settled, one way or the other."""
        return self.statuses.total()

    @property
    def stored(self) -> int:
        """How many posts were new or changed."""
        return self.statuses["stored"]

    def add(self, line: LineAnswer) -> None:
        """Count one result."""
        self.statuses[line.status] += 1
        if line.status == "rejected":
            self.rejected.append(line)
