"""A question as it was put: words, a photo or both, and what hits must be like; without any it browses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qdrant.filters import Filter, words_in
from qdrant.grammar import FacetWish, Sort


class Mode(StrEnum):
    """Which arms find, and what orders: topics by L1, words by their weight, hybrid all of them by likelihood."""

    HYBRID = "hybrid"
    TOPICS = "topics"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks for; `respell` lets slips be mended."""

    text: str | None = None
    photo: bytes | None = None
    mode: Mode | None = None
    limit: int = 20
    offset: int = 0
    min_match: float | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    filter: Filter | None = None
    respell: bool = True
    sort: Sort | None = None
    cursor: str | None = None
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    facets: tuple[FacetWish, ...] = ()
    facet_limit: int = 10
    facet_query: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] | None = None
    highlight: bool = False
    more_of: tuple[int, ...] = ()
    less_of: tuple[int, ...] = ()
    group_by: FacetWish | None = None
    group_limit: int = 3
    explain: bool = False

    @property
    def browses(self) -> bool:
        """Whether nothing is looked for: whatever passes the filter is listed."""
        return self.text is None and self.photo is None and not self.is_steered

    @property
    def is_steered(self) -> bool:
        """Whether posts or topics are named that hits should have something of, or should not."""
        return bool(self.like or self.unlike or self.more_of or self.less_of)

    @property
    def wording(self) -> str | None:
        """All that is asked for in words, the filter's and the facets' too: the gate must read it together."""
        own = [self.text] if self.text else []
        return " ".join([*own, *words_in(self.filter), *self.facet_query.values()]) or None
