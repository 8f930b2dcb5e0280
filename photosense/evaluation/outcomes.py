"""What became of a question: where its posts were found, or which words were proposed; kept in the file of a run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from photosense.evaluation import metrics

MEDIAN: Final = "median_rank"


class RankedAnswer(msgspec.Struct, frozen=True, tag="found", kw_only=True):
    """A search: `ranks` of the relevant posts on the pages that were turned, `first` the ids of the first hits.

    `post` is the one whose photo was asked for, `unknown` whether the model
    does not know a word of the text.
    """

    key: str
    group: str
    text: str | None = None
    post: str | None = None
    relevant: tuple[str, ...]
    ranks: tuple[int, ...] = ()
    first: tuple[str, ...] = ()
    unknown: bool = False
    ms: float

    @property
    def figures(self) -> dict[str, float]:
        """What is measured of it."""
        return {
            "r1": metrics.recall_within(self.ranks, 1),
            "r5": metrics.recall_within(self.ranks, 5),
            "r10": metrics.recall_within(self.ranks, 10),
            "mrr": metrics.reciprocal_rank(self.ranks),
            "ndcg10": metrics.ndcg(self.ranks, len(self.relevant)),
        }

    @property
    def rank(self) -> float:
        """Where the first relevant post was."""
        return metrics.first_rank(self.ranks)

    @property
    def merit(self) -> float:
        """How well it went, to put questions in order."""
        return -self.rank


class Proposed(msgspec.Struct, frozen=True, tag="proposed", kw_only=True):
    """An annotation: the words that were proposed, which of them people used, and how many words people used."""

    key: str
    group: str
    post: str
    words: tuple[str, ...]
    right: tuple[bool, ...]
    truth: int
    ms: float

    @property
    def figures(self) -> dict[str, float]:
        """What is measured of it."""
        return {
            "precision5": metrics.precision(self.right, 5),
            "precision10": metrics.precision(self.right, 10),
            "recall10": metrics.recall(self.right, 10, self.truth),
        }

    @property
    def merit(self) -> float:
        """How well it went, to put questions in order."""
        return metrics.precision(self.right, 10)


Answer = RankedAnswer | Proposed

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "r1": "R@1",
        "r5": "R@5",
        "r10": "R@10",
        MEDIAN: "median rank",
        "mrr": "MRR",
        "ndcg10": "nDCG@10",
        "precision5": "precision@5",
        "precision10": "precision@10",
        "recall10": "recall@10",
    }
)
