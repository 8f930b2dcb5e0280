"""Comparing two models on posts whose words neither of them learned: each caption has to find its own post."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import comb
from typing import Final

from qdrant.points import StoredPoint
from topic_model.document import TAG, TEXT
from topic_model.ideas.ideas import Ideas
from topic_model.model import TopicModel
from training.match.calibration import HeldPost, own_ranks
from training.untaught import untaught_name

LEAST_COMPARED: Final = 25  # posts
MOST_COMPARED: Final = 500
_CHANCE: Final = 0.05  # how often a difference as large comes by chance, and is called one


@dataclass(frozen=True, slots=True)
class Untaught:
    """Posts whose words two models did not learn: those that both held aside, and those that came after them."""

    names: frozenset[str]
    since: datetime

    def of(self, points: Iterator[StoredPoint]) -> list[StoredPoint]:
        """Those among some posts that say something, the first of them."""
        chosen = []
        for point in points:
            if (point.added > self.since or untaught_name(point.id) in self.names) and point.post["captions"]:
                chosen.append(point)
                if len(chosen) == MOST_COMPARED:
                    break
        return chosen


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Where each model found the posts, in the same order; by photos alone, or by other captions."""

    by_photos: bool
    ranks: Sequence[float]
    others: Sequence[float]

    @property
    def better(self) -> int:
        """How many questions found their post earlier by the first model."""
        return sum(ours < theirs for ours, theirs in zip(self.ranks, self.others, strict=True))

    @property
    def worse(self) -> int:
        """How many found it later."""
        return sum(ours > theirs for ours, theirs in zip(self.ranks, self.others, strict=True))

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `same`, where so large a difference comes by chance once in twenty times."""
        better, worse = self.better, self.worse
        if _by_chance(better, worse) > _CHANCE:
            return "same"
        return "better" if better > worse else "worse"


def compare_models(
    model: TopicModel, other: TopicModel, points: Sequence[StoredPoint], ideas: Ideas | None
) -> ModelComparison | None:
    """Have both find these posts; None, where too few have photos, or several captions."""
    held = [_held(point) for point in points]
    silent = [post for post in held if post.photo]
    speaking = [post for post in held if len(post.captions) > 1]
    by_photos = len(silent) >= LEAST_COMPARED
    asked = silent if by_photos else speaking
    if len(asked) < LEAST_COMPARED:
        return None
    ranks, others = (own_ranks(each, asked, ideas, silent=by_photos) for each in (model, other))
    return ModelComparison(by_photos, ranks, others)


def share_within(ranks: Sequence[float], place: int) -> float:
    """Which share of the questions found their post within the first places."""
    return sum(rank <= place for rank in ranks) / max(len(ranks), 1)


def _held(point: StoredPoint) -> HeldPost:
    captions = [caption["text"] for caption in point.post["captions"]]
    photo = {modality: of for modality, of in point.document().items() if modality not in (TEXT, TAG)}
    return HeldPost(captions, {TAG: point.tokens(TAG)}, photo, point.features)


def _by_chance(better: int, worse: int) -> float:
    """How often a coin falls at least as unevenly (the sign test, two-sided)."""
    thrown, fewer = better + worse, min(better, worse)
    tail = sum(comb(thrown, heads) for heads in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**thrown))
