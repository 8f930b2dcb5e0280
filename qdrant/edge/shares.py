"""Vectors that sum to 1, topic by topic: a question is of few topics, so the nearest are found by those alone.

Of two distributions that have m in common the L1 distance is both their sums less 2 m. What is in common by the topics
that a question is mostly of bounds it; who can be among the nearest at all is then measured by every topic.
"""

import numpy as np

from common.arrays import Bool, Float32, Index

_REST = 0.02  # the share of a question that is left for the second look
_SLACK = 1e-4  # more than what is rounded away in between
_AT_ONCE = 4096  # posts that are measured by every topic at once: of equals there may be very many
_FEW = 1 / 8  # of all posts: so few that pass are picked out first
_EACH = 32  # one post of so many tells about how near the nearest are


class Shares:
    """The vectors of one name, a row a post; what lacks one is at no distance.

    Rows may be added while somebody looks for the nearest: he has reached for what he looks through before.
    """

    def __init__(self, topics: int, rows: int) -> None:
        self._topics: Float32 = np.zeros((topics, rows), np.float32)
        self._sums: Float32 = np.full(rows, np.nan, np.float32)

    def put(self, rows: Index, vectors: Float32) -> None:
        """Set rows."""
        if not len(rows):
            return
        self.reach(int(rows.max()) + 1)
        self._topics[:, rows] = vectors.T
        self._sums[rows] = vectors.sum(axis=1)

    def kept(self, rows: Index) -> "Shares":
        """Those of some rows alone, in their order."""
        self.reach(int(rows.max(initial=-1)) + 1)
        kept = Shares(len(self._topics), 0)
        kept._topics, kept._sums = self._topics[:, rows], self._sums[rows]
        return kept

    def nearest(self, query: Float32, limit: int, passing: Bool) -> tuple[Index, Float32]:
        """The rows that pass whose vectors are nearest, and how far they are; equals at the end may be left out."""
        alone = np.flatnonzero(passing) if np.count_nonzero(passing) <= _FEW * len(passing) else None
        among = slice(len(passing)) if alone is None else alone
        mostly, rest = _mostly(query)
        near: Float32 = self._sums[among] * np.float32(0.5)
        for topic in mostly:
            near -= np.minimum(self._topics[topic, among], query[topic])
        bar = _bar(near, passing[among], limit) + rest + _SLACK
        some = np.flatnonzero((near <= bar) & passing[among])
        if alone is not None:
            some = alone[some]
        parts = [
            _far(self._topics, self._sums, query, some[at : at + _AT_ONCE]) for at in range(0, len(some), _AT_ONCE)
        ]
        far = np.concatenate(parts) if parts else near[:0]
        first = np.argsort(far, kind="stable")[:limit]
        return some[first], far[first]

    def reach(self, rows: int) -> None:
        """Have so many rows at least; whoever reads the former arrays goes on with them."""
        held = len(self._sums)
        if rows <= held:
            return
        more = max(rows, 2 * held)
        topics, sums = np.zeros((len(self._topics), more), np.float32), np.full(more, np.nan, np.float32)
        topics[:, :held], sums[:held] = self._topics, self._sums
        self._topics, self._sums = topics, sums


def _mostly(query: Float32) -> tuple[Index, float]:
    """The topics that a question is mostly of, and the share that the others have in it."""
    order = np.argsort(-query, kind="stable")
    left = query.sum() - np.cumsum(query[order])
    some = order[: int((left > _REST).sum()) + 1]
    return some, max(float(query.sum() - query[some].sum()), 0.0)


def _bar(near: Float32, passing: Bool, limit: int) -> float:
    """How near the last of so many nearest is, of those that pass; infinite where there are fewer."""
    best = near[(near <= _about(near[::_EACH][passing[::_EACH]], limit)) & passing]
    if len(best) < limit:  # those that were picked are nearer than most
        best = near[passing & ~np.isnan(near)]
    return float(np.partition(best, limit - 1)[limit - 1]) if limit <= len(best) else np.inf


def _about(picked: Float32, limit: int) -> float:
    """A measure that more than so many reach, as far as those tell that were picked."""
    place = 2 * limit // _EACH + 3
    about = float(np.partition(picked, place)[place]) if place < len(picked) else np.nan  # NaN comes last
    return np.inf if np.isnan(about) else about


def _far(topics: Float32, sums: Float32, query: Float32, rows: Index) -> Float32:
    """How far rows are: by the topics of the question, and by what they hold of all others."""
    held = np.flatnonzero(query)
    theirs = topics[held[:, None], rows]
    others = sums[rows] - theirs.sum(axis=0)
    return np.asarray(np.abs(theirs - query[held, None]).sum(axis=0) + np.maximum(others, 0), np.float32)
