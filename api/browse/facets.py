"""Facets: how many of the posts that were found, or listed, hold each value of a field."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from api.answers import FacetAnswer, FacetValue
from compliance.gate import Gate
from compliance.policy import Rule
from qdrant.attrs import AttrKind
from qdrant.errors import FilterRefused
from qdrant.filters import Filter
from qdrant.grammar import FacetWish
from qdrant.points import kind_of
from qdrant.steps import Step, name_of, start_of_next
from qdrant.store import Count, Facet, FacetCounts, Store, Value

_SPARE = 20  # words that are read beyond those that are shown, for those that may not be


class Facets:
    """Counts what a visitor may see, by fields that he may see; a word that speaks of a child is left out."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store, self._gate = store, gate
        self.may_show = lru_cache(maxsize=100_000)(self._is_free)

    def count(
        self, wishes: Sequence[FacetWish], limit: int, containing: Mapping[str, str], where: Filter | None, rule: Rule
    ) -> tuple[int, list[FacetAnswer]]:
        """Count the posts that pass, and by each facet that is wished for."""
        audience = self._gate.audience(rule)
        facets = [self._facets(wish, limit, containing.get(wish.name, ""), audience) for wish in wishes]
        total, counted = self._store.tally([facet for some in facets for facet in some], where, audience)
        rest = iter(counted)
        return total, [
            self._answer(wish, limit, [(facet, next(rest)) for facet in some], rule)
            for wish, some in zip(wishes, facets, strict=True)
        ]

    def _facets(self, wish: FacetWish, limit: int, containing: str, audience: frozenset[str] | None) -> list[Facet]:
        """What is counted for a wish: words, and the ends of numbers, else of times; or those in steps."""
        known = [field for field in wish.fields if self._store.knows(field, audience)]
        words = [field for field in known if kind_of(field) is AttrKind.WORD]
        others = [field for field in known if field not in words][:1]
        if not known:
            what = (
                "words, numbers or times" if wish.step is None else "times" if isinstance(wish.step, str) else "numbers"
            )
            raise FilterRefused(f"No post has {wish.name} as {what} to be counted by: correct its name or its step.")
        return [Facet(field, limit + _SPARE, containing=containing) for field in words] + [
            Facet(field, step=wish.step) for field in others
        ]

    def _answer(
        self, wish: FacetWish, limit: int, counted: Sequence[tuple[Facet, FacetCounts]], rule: Rule
    ) -> FacetAnswer:
        values: list[FacetValue] = []
        least = most = None
        others = 0
        for facet, counts in counted:
            if kind_of(facet.field) is AttrKind.WORD:
                free = [one for one in counts.counts if self.may_show(str(one.value), rule)]
                values = [_word(wish, one) for one in free[:limit]]
                others = len(free) - len(values) + counts.others
            else:
                values += [_step(wish, facet.step, one) for one in counts.counts if facet.step is not None]
                least, most = _plain(counts.least), _plain(counts.most)
        return FacetAnswer(facet=wish.text, values=values, others=others, least=least, most=most)

    def _is_free(self, word: str, rule: Rule) -> bool:
        return bool(self._gate.redact_words([word], rule, str))


def filter_of_word(name: str, value: str | Value) -> dict[str, Any]:
    """The filter that lets pass what has a word in a field."""
    return {"field": name, "equals": value}


def filter_of_step(name: str, start: Value, step: Step) -> dict[str, Any]:
    """The filter that lets pass what lies in a step."""
    end = start_of_next(start, step)
    return {"field": name, "from": _plain(start), **({} if end is None else {"below": _plain(end)})}


def _word(wish: FacetWish, one: Count) -> FacetValue:
    return FacetValue(value=str(one.value), posts=one.posts, filter=filter_of_word(wish.name, one.value))


def _step(wish: FacetWish, step: Step, one: Count) -> FacetValue:
    assert not isinstance(one.value, str)  # noqa: S101 - steps are of numbers and times
    return FacetValue(
        value=name_of(one.value, step), posts=one.posts, filter=filter_of_step(wish.name, one.value, step)
    )


def _plain(value: Value | None) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
