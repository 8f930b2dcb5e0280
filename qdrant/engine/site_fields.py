"""Which of the site's own fields searches may be filtered by, and by whom: a withheld post's fields are as unknown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qdrant.attrs import path, typed
from qdrant.engine.about import BEFORE_AUDIENCES, SiteField
from qdrant.engine.protocol import Engine
from qdrant.filters import All, Filter, Given, Not, Some, any_of
from qdrant.points import HELD, OPEN, UNSEEN, Fields, PhotoPoint, StoredPoint

_ALL = All(())
_EVERYWHERE = (OPEN, UNSEEN, "clear", "consented")  # the audiences that there can be without a consent for a country
Use = tuple[SiteField, str]  # a field, and an audience that may see a post with it


def audiences(vis: str | Sequence[str], child: str) -> frozenset[str]:
    """Who may see a post: by where it is open, and where that is everywhere by its kind, as rules tell them apart."""
    ways = frozenset([vis] if isinstance(vis, str) else vis)
    return ways - {HELD} if HELD in ways else ways | {child}


def uses(attrs: Mapping[str, Any], of: Iterable[str]) -> Iterator[Use]:
    """The fields of a post, each for every audience of it."""
    fields = [(kind, name) for kind, names in typed(attrs).items() for name in names]
    yield from ((field, audience) for audience in sorted(of) for field in fields)


def uses_of(point: PhotoPoint | StoredPoint) -> Iterator[Use]:
    """The same of a point; one whose standing was not read is nobody's."""
    if isinstance(point, PhotoPoint):
        return uses(point.attrs, audiences(point.vis, point.child))
    vis, child = point.payload.get(Fields.VIS, HELD), point.payload.get(Fields.CHILD, "")
    return uses(point.attrs, audiences(vis, child))


class SiteFields:
    """Indexes the site's fields as they appear, so many for each audience, and forgets them when the last post goes.

    Neither whether a filter is refused nor which fields still have room tells a visitor of posts that he may not see.
    What goes is forgotten before it goes: whenever the process is killed, nobody knows a field too long. Indexes stay
    until the store is compacted, for a field may come back, and files of the engine that vanish look like damage.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._most = most

    def settle(self) -> None:
        """Find out whose those fields are that were recorded before there were audiences."""
        old = [field for field, of in self._engine.about.attrs.items() if BEFORE_AUDIENCES in of]
        if old:
            found = {field: frozenset(one for one in _EVERYWHERE if self._is_in_use(field, one)) for field in old}
            self._record({**self._engine.look().attrs, **found})

    def add(self, added: Iterable[Use]) -> None:
        """Index what is new, as long as its audience has not too many."""
        about = self._engine.about
        taken = Counter(audience for of in about.attrs.values() for audience in of)
        new: dict[SiteField, set[str]] = {}
        for field, audience in dict.fromkeys(added):
            if audience not in about.attrs.get(field, ()) and taken[audience] < self._most:
                taken[audience] += 1
                new.setdefault(field, set()).add(audience)
        for kind, name in new:
            if (kind, name) not in about.attrs:
                self._engine.index(path(kind, name), kind)
        if new:
            attrs = self._engine.look().attrs  # making an index takes its time: another process may have made others
            self._record({**attrs, **{field: attrs.get(field, frozenset()) | of for field, of in new.items()}})

    def drop(self, dropped: Iterable[Use], of: Filter) -> None:
        """Forget what nobody will see in any post once those that pass `of` are gone, or closed."""
        known = self._engine.about.attrs
        gone: dict[SiteField, set[str]] = {}
        for field, audience in dict.fromkeys(dropped):
            if audience in known.get(field, ()) and not self._is_in_use(field, audience, Not(of)):
                gone.setdefault(field, set()).add(audience)
        if gone:
            attrs = self._engine.look().attrs
            self._record({field: of - gone.get(field, frozenset()) for field, of in attrs.items()})

    def _is_in_use(self, field: SiteField, audience: str, besides: Filter = _ALL) -> bool:
        of_audience = Some((any_of(Fields.VIS, [audience]), any_of(Fields.CHILD, [audience])))
        return self._engine.any(All((of_audience, Given(path(*field)), besides)))

    def _record(self, attrs: Mapping[SiteField, frozenset[str]]) -> None:
        self._engine.record(replace(self._engine.about, attrs={field: of for field, of in attrs.items() if of}))
