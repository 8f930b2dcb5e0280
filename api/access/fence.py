"""A fence: the filter that a token holds a visitor within, beside the gate's, whatever he asks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from qdrant.filters import All, Filter, Has, Not, Posts, Some
from qdrant.grammar import read_filter

_NOTHING = Posts(frozenset())


@dataclass(frozen=True, slots=True)
class Fence:
    """The filter as the site wrote it; what of it no post has that the visitor may see lets nothing pass.

    A visitor could not mend a filter that he did not write, so a field that nobody has is no mistake here.
    """

    wish: str
    knows: Callable[[str, frozenset[str] | None], bool]

    def among(self, audience: frozenset[str] | None) -> Filter:
        """The filter for those who may see the fields of these posts."""
        return self._known(fence_of(self.wish), audience)

    def _known(self, part: Filter, audience: frozenset[str] | None) -> Filter:
        match part:
            case All(parts):
                return All(tuple(self._known(one, audience) for one in parts))
            case Some(parts):
                return Some(tuple(self._known(one, audience) for one in parts))
            case Not(one):
                return Not(self._known(one, audience))
            case Posts() | Has():
                return part
            case _:
                return part if self.knows(part.field, audience) else _NOTHING


@lru_cache(maxsize=1000)
def fence_of(wish: str) -> Filter:
    """Read the filter of a token; one that is none is refused."""
    return read_filter(msgspec.json.decode(wish))
