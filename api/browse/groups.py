"""Groups: what was found, put together by a field that posts share, in the order of each group's best post."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.answers import GroupAnswer
from api.browse.facets import Facets, filter_of_step, filter_of_word
from compliance.facts import from_payload
from compliance.gate import Gate
from compliance.policy import Rule
from qdrant.attrs import AttrKind, typed, value_of
from qdrant.errors import FilterRefused
from qdrant.grammar import FacetWish
from qdrant.points import StoredPoint, folded_tag, kind_of
from qdrant.steps import Step, name_of, place_of, start_of
from qdrant.store import Store


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Posts that share a value, the best one first; a post without one stands alone."""

    value: str | None
    wanted: dict[str, Any] | None
    posts: list[str]

    def answer(self, shown: Collection[str]) -> GroupAnswer:
        """As an answer has it that shows some of its posts."""
        hits = [post for post in self.posts if post in shown]
        return GroupAnswer(value=self.value, posts=len(self.posts), hits=hits, filter=self.wanted)


@dataclass(frozen=True, slots=True)
class Groups:
    """Puts posts together that a visitor may see, by a field that he may see; nothing else is counted or named."""

    store: Store
    gate: Gate
    facets: Facets

    def of(self, wish: FacetWish, posts: Sequence[str], rule: Rule) -> list[HitGroup]:
        """The groups of what was found: it is read whole, so that the law decides by what each post is now."""
        field = self._field(wish, rule)
        groups: dict[object, HitGroup] = {}
        for point in self.store.get(posts) if posts else ():
            if point is not None and self.gate.may_show(from_payload(point.facts), rule):
                key, value, wanted = self._value(wish, field, point, rule)
                groups.setdefault(key, HitGroup(value, wanted, [])).posts.append(point.id)
        return list(groups.values())

    def _field(self, wish: FacetWish, rule: Rule) -> str:
        audience = self.gate.audience(rule)
        for field in wish.fields:
            if self.store.knows(field, audience) and (wish.step is not None or kind_of(field) is AttrKind.WORD):
                return field
        raise FilterRefused(f"No post has {wish.text} to be grouped by: correct its name or its step.")

    def _value(
        self, wish: FacetWish, field: str, point: StoredPoint, rule: Rule
    ) -> tuple[object, str | None, dict[str, Any] | None]:
        """By what a post is grouped, the first where it has several; itself where it has none that may be named."""
        value = next(iter(_values(wish.name, field, point)), None)
        if value is None:
            return (point.id,), None, None
        if wish.step is not None:
            return _stepped(wish, value_of(value), wish.step)
        if not self.facets.may_show(str(value), rule):
            return (point.id,), None, None
        return value, str(value), filter_of_word(wish.name, value)


def first_of(groups: Iterable[HitGroup], most: int) -> list[str]:
    """The first posts of each group, group behind group."""
    return [post for group in groups for post in group.posts[:most]]


def leaders_of(groups: Sequence[HitGroup]) -> list[str]:
    """The best post of each group, by which its place is found again."""
    return [group.posts[0] for group in groups]


def _stepped(wish: FacetWish, value: float | datetime, step: Step) -> tuple[object, str, dict[str, Any]]:
    start = start_of(place_of(value, step), step)
    return start, name_of(start, step), filter_of_step(wish.name, start, step)


def _values(name: str, field: str, point: StoredPoint) -> Iterable[Any]:
    """The values of a post, as they are filtered by."""
    if name == "tags":
        return [folded_tag(tag) for tag in point.post.get("tags") or ()]
    if name == "authors":
        captions = point.post.get("captions") or ()
        return [caption["author"] for caption in captions if caption.get("author")]
    if name in ("added", "changed"):
        return [point.payload[name]]
    return typed(point.attrs).get(kind_of(field), {}).get(name.removeprefix("attrs."), ())
