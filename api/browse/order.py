"""Posts in the order of a field, inside the visitor's filter and the gate's."""

from itertools import groupby

from api.search.admission import Visit
from api.search.candidates import Shortlist, visible
from api.search.question import Question
from compliance.gate import Gate
from qdrant.errors import FilterRefused
from qdrant.filters import Filter, Posts, both
from qdrant.grammar import Sort, read_sort
from qdrant.store import OrderedPost, Store

NEWEST_FIRST = read_sort("added:desc")


def listable(question: Question, visit: Visit, gate: Gate) -> Filter | None:
    """What may be listed: what the visitor may see, and what the question wants of it."""
    return both(visible(visit, gate), question.filter)


def listed(
    question: Question, visit: Visit, store: Store, gate: Gate, limit: int, after: OrderedPost | None = None
) -> list[OrderedPost]:
    """The next posts where nothing is looked for: the newest first, unless another order is wanted."""
    audience = gate.audience(visit.rule)
    return _in_order(question.sort or NEWEST_FIRST, store, limit, listable(question, visit, gate), audience, after)


def by_field(candidates: Shortlist, sort: Sort, store: Store, audience: frozenset[str] | None) -> Shortlist:
    """Put candidates, which stand in the order of their match, in that of a field; equals keep their order."""
    ranks = {post: rank for rank, post in enumerate(candidates.ids)}
    found = _in_order(sort, store, max(len(ranks), 1), Posts(frozenset(ranks)), audience)
    groups = [[one.id for one in equals] for _, equals in groupby(found, key=lambda one: one.value)]
    return candidates.of(post for equals in groups for post in sorted(equals, key=ranks.__getitem__))


def _in_order(
    sort: Sort,
    store: Store,
    limit: int,
    where: Filter | None,
    audience: frozenset[str] | None,
    after: OrderedPost | None = None,
) -> list[OrderedPost]:
    known = next((order for order in sort.orders if store.knows(order.field, audience)), None)
    if known is None:
        raise FilterRefused(
            f"No post has {sort.name} as a number or a time, which hits can be put in order by: correct its name, or "
            "sort by `added`."
        )
    return store.positions(known, limit, where, audience, after)
