"""The judge: a store in plain numpy that searches exactly and keeps nothing on disk."""

import copy
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from common.arrays import Float32
from qdrant.attrs import AttrKind, called, path, values_of
from qdrant.engine.about import About, SiteField
from qdrant.engine.checks import check, check_size, check_standing, check_vector
from qdrant.engine.examples import by_examples
from qdrant.engine.site_fields import Use, uses_of
from qdrant.engine.write_plan import Write, Written, payload_of, plan
from qdrant.errors import FilterRefused, ModelMissing, PointRefused
from qdrant.filters import All, AnyOf, Contains, Filter, Given, Has, Near, Not, Posts, Range, Some, conditions
from qdrant.outline import Outlines
from qdrant.points import Fields, PhotoPoint, StoredPoint, kind_of, point_id, tie_break
from qdrant.store import (
    ArmRows,
    Candidates,
    Count,
    Facet,
    FacetCounts,
    Info,
    Order,
    OrderedPost,
    PostVector,
    Saved,
    Search,
    Standing,
)
from qdrant.vector_kind import Measure, NamedVector, Owner, VectorKind

EARTH = 6_371_008.8  # metres


class _Shared:
    """What is replaced whole, and is the same for those who search different models."""

    def __init__(self) -> None:
        self.about = About()
        self.vectors: dict[tuple[NamedVector, str], Float32] = {}


class ReferenceStore:
    """Does what the Store protocol says, the slow and obvious way."""

    is_calm = True

    def __init__(self) -> None:
        self._points: dict[str, Write] = {}
        self._payloads: dict[str, dict] = {}
        self._uses: dict[str, frozenset[Use]] = {}
        self._model: str | None = None
        self._shared = _Shared()

    @property
    def _about(self) -> About:
        return self._shared.about

    @_about.setter
    def _about(self, about: About) -> None:
        self._shared.about = about

    @property
    def _vectors(self) -> dict[tuple[NamedVector, str], Float32]:
        return self._shared.vectors

    @_vectors.setter
    def _vectors(self, vectors: dict[tuple[NamedVector, str], Float32]) -> None:
        self._shared.vectors = vectors

    @property
    def active(self) -> str | None:
        return self._model or self._about.active

    def in_force(self) -> str | None:
        return self._about.active

    def vectors(self) -> Collection[NamedVector]:
        return self._about.vectors.keys()

    def of_model(self, model: str) -> "ReferenceStore":
        own = copy.copy(self)
        own._model = model
        return own

    @property
    def written(self) -> str:
        """Nothing is kept in files."""
        return ""

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        for point in points:
            check(point, self._about)
        stored = [held for held in self.get([point.id for point in points]) if held]
        outcomes, writes = plan(points, stored)
        for write in writes:
            point = write.point
            self._keep(write)
            self._forget(lambda key, post=point.id: key[1] == post)
            self._vectors |= {(vector, point.id): one for vector, one in point.vectors.items()}
        return outcomes

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        return [self._stored(post) if post in self._points else None for post in ids]

    def set_facts(self, posts: Mapping[str, Standing]) -> int:
        for post, standing in posts.items():
            check_standing(post, standing)
        there = [post for post in posts if post in self._points]
        for post in there:
            given, write = posts[post], self._points[post]
            changes = {"vis": given.vis, "child": given.child, "facts": given.facts, "words": given.words}
            self._keep(write._replace(point=replace(write.point, **changes)))
        return len(there)

    def delete(self, ids: Sequence[str]) -> list[bool]:
        there = set(ids) & self._points.keys()
        for post in there:
            del self._points[post]
            self._forget(lambda key, post=post: key[1] == post)
        return [post in there for post in ids]

    def delete_where(self, where: Filter) -> int:
        return sum(self.delete([point.id for point in self.scroll(where)]))

    def candidates(self, search: Search) -> Candidates:
        if search.like or search.unlike:
            search = by_examples(search, self.get)
        passing = self._passing(search.filter, search.audience)
        near: dict[VectorKind, list[tuple[str, float]]] = {}
        for kind, target in search.near.items():
            vector = kind.of(self._needed() if kind.owner is Owner.MODEL else target.owner)
            check_vector(target.values, vector, self._about)
            scores = {
                post: _score(kind.measure, self._vectors[vector, post], target.values)
                for post in passing
                if (vector, post) in self._vectors
            }
            reached = {post: score for post, score in scores.items() if _reaches(kind.measure, score, target.cutoff)}
            near[kind] = _first(reached, search.limit, larger=kind.measure.larger)
        words = _first(self._by_words(search, passing) if search.words else {}, search.limit, larger=True)
        posts = list({post: None for arm in (*near.values(), words) for post, _ in arm})
        table = Outlines.of([self._stored(post) for post in posts], self.active)
        return Candidates(table, {kind: _rows(arm, posts) for kind, arm in near.items()}, _rows(words, posts))

    def candidates_of(self, searches: Sequence[Search]) -> list[Candidates]:
        return [self.candidates(search) for search in searches]

    def scroll(self, where: Filter | None = None, *, features: bool = False) -> Iterator[StoredPoint]:
        fields = Fields.LEARNED_FROM if features else Fields.READ
        yield from [self._stored(post, fields) for post in self._passing(where)]

    def positions(
        self,
        order: Order,
        limit: int,
        where: Filter | None = None,
        audience: frozenset[str] | None = None,
        after: OrderedPost | None = None,
    ) -> list[OrderedPost]:
        self._check_field(order.field, audience)
        first = max if order.descending else min
        values = {post: [_comparable(one) for one in self._values(post, order.field)] for post in self._points}
        passing = sorted(self._passing(where, audience), key=point_id)
        whole = [OrderedPost(first(values[post]) if values[post] else None, post) for post in passing]
        if after is not None:
            whole = [one for one in whole if one.id != after.id]
            whole = sorted([*whole, after], key=lambda one: point_id(one.id))
        having = [one for one in whole if one.value is not None]
        having.sort(key=lambda one: one.value, reverse=order.descending)
        whole = having + [one for one in whole if one.value is None]
        start = 0 if after is None else whole.index(after) + 1
        return whole[start : start + limit]

    def knows(self, field: str, audience: frozenset[str] | None = None) -> bool:
        return field in Fields.INDEXED or field in {path(kind, name) for kind, name in self._fields(audience)}

    def any(self, where: Filter | None = None) -> bool:
        return bool(self._passing(where))

    def count(self, where: Filter | None = None) -> int:
        return len(self._passing(where))

    def tally(
        self, facets: Sequence[Facet], where: Filter | None = None, audience: frozenset[str] | None = None
    ) -> tuple[int, list[FacetCounts]]:
        for facet in facets:
            self._check_field(facet.field, audience)
        passing = self._passing(where, audience)
        return len(passing), [self._tallied(facet, passing) for facet in facets]

    def add_vector(self, vector: NamedVector, size: int) -> None:
        if vector not in self._about.vectors:
            check_size(vector, size, self._about)
            self._about = self._about.with_vector(vector, size)

    def put_vectors(self, vector: NamedVector, values: Iterable[PostVector | tuple[str, Float32]]) -> None:
        for one in (PostVector(*given) for given in values):
            check_vector(one.values, vector, self._about)
            if one.post in self._points and one.fits(self._stored(one.post)):
                self._vectors[vector, one.post] = one.values

    def drop_vector(self, vector: NamedVector) -> None:
        if vector in self._about.of_models(self._about.active):
            raise PointRefused(f"Model {vector.owner} is searched: put another in place first.")
        self._drop(vector)

    def activate(self, model: str, keep: Collection[str] = ()) -> None:
        if model not in self._about.models:
            raise ModelMissing(f"The store holds no thetas of model {model}: run `photosense train`.")
        self._drop(*self._about.of_models(*(old for old in self._about.models if old != model and old not in keep)))
        self._about = replace(self._about, active=model)

    def info(self) -> Info:
        attrs: dict[str, list[str]] = {}
        for kind, name in sorted(self._fields(None)):
            attrs.setdefault(name, []).append(kind.value)
        about = self._about
        return Info(len(self._points), dict(about.vectors), about.active, "numpy (reference)", attrs)

    def optimize(self) -> None:
        """Nothing is kept of what was removed."""

    def backup(self, folder: Path) -> Saved:
        raise NotImplementedError("the judge keeps nothing on disk")

    def close(self) -> None:
        """Nothing to let go of."""

    def _keep(self, write: Write) -> None:
        point = write.point
        self._points[point.id] = write
        self._payloads[point.id] = payload_of(write)
        self._uses[point.id] = frozenset(uses_of(point))

    def _drop(self, *vectors: NamedVector) -> None:
        self._about = self._about.without(*vectors)
        self._forget(lambda key: key[0] in vectors)

    def _forget(self, gone: Callable[[tuple[NamedVector, str]], bool]) -> None:
        self._vectors = {key: one for key, one in self._vectors.items() if not gone(key)}

    def _needed(self) -> str:
        if self.active is None or self.active not in self._about.models:
            raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
        return self.active

    def _stored(self, post: str, fields: Sequence[str] = Fields.READ) -> StoredPoint:
        payload = self._payloads[post]
        known = {field: payload[field] for field in fields if field in payload}
        names = self._about.names_with(self.active)
        own = {vector.name: one for (vector, of), one in self._vectors.items() if of == post and vector.name in names}
        return StoredPoint(known, own, self.active)

    def _by_words(self, search: Search, passing: list[str]) -> dict[str, float]:
        """Sum of query weight x document weight x inverse document frequency over the words in common."""
        vectors = {post: tie_break(write.point.words, post) for post, write in self._points.items()}
        counts = Counter(word for vector in vectors.values() for word in vector)
        having = sum(bool(vector) for vector in vectors.values())
        scores = {}
        for post in passing:
            common = search.words.keys() & vectors[post].keys()
            if common:
                idf = {word: math.log((having - counts[word] + 0.5) / (counts[word] + 0.5) + 1) for word in common}
                scores[post] = sum(search.words[word] * vectors[post][word] * idf[word] for word in common)
        return scores

    def _passing(self, wanted: Filter | None, audience: frozenset[str] | None = None) -> list[str]:
        for condition in conditions(wanted):
            self._check_field(condition.field, audience)
        return [post for post in self._points if wanted is None or self._holds(post, wanted)]

    def _holds(self, post: str, wanted: Filter) -> bool:
        match wanted:
            case All(parts):
                return all(self._holds(post, part) for part in parts)
            case Some(parts):
                return any(self._holds(post, part) for part in parts)
            case Not(part):
                return not self._holds(post, part)
            case Posts(ids):
                return post in ids
            case Has(vector):
                return any(known.name == vector for known, of in self._vectors if of == post)
            case AnyOf(field, values):
                return any(value in values for value in self._values(post, field))
            case Given(field):
                return bool(self._values(post, field))
            case Contains(field, text):
                words = _words(" ".join(self._values(post, field)))
                return set(_words(text)) <= set(words)
            case Near(field, lat, lon, metres):
                return any(_distance(place, lat, lon) <= metres for place in self._values(post, field))
            case Range(field):
                return any(_within(value, wanted) for value in self._values(post, field))

    def _values(self, post: str, field: str) -> list:
        return values_of(self._payloads[post], field)

    def _fields(self, audience: frozenset[str] | None) -> set[SiteField]:
        """The site's own fields of the posts that somebody may see, or one of these audiences."""
        used = {use for post in self._points for use in self._uses[post]}
        return {field for field, of in used if audience is None or of in audience}

    def _tallied(self, facet: Facet, passing: list[str]) -> FacetCounts:
        held = [self._values(post, facet.field) for post in passing]
        if kind_of(facet.field) is AttrKind.WORD:
            counts = Counter(value for values in held for value in set(values))
            part = facet.containing.casefold()
            first = sorted((-count, word) for word, count in counts.items() if part in word.casefold())
            shown = tuple(Count(word, -count) for count, word in first[: facet.limit])
            return FacetCounts(shown, others=len(first) - len(shown))
        values = [_comparable(value) for values in held for value in values]
        if not values:
            return FacetCounts(())
        if facet.step is None:
            return FacetCounts((), min(values), max(values))
        step = facet.step
        places = Counter(place for own in held for place in {_place(_comparable(value), step) for value in own})
        return FacetCounts.in_steps(facet, places.items(), min(values), max(values))

    def _check_field(self, field: str, audience: frozenset[str] | None = None) -> None:
        if not self.knows(field, audience):
            raise FilterRefused(f"No post has {called(field)} to be filtered by.")


def _score(measure: Measure, one: Float32, other: Float32) -> float:
    return _cosine(one, other) if measure is Measure.COSINE else float(np.abs(one - other).sum())


def _reaches(measure: Measure, score: float, cutoff: float | None) -> bool:
    return cutoff is None or (score >= cutoff if measure.larger else score <= cutoff)


def _rows(arm: list[tuple[str, float]], posts: list[str]) -> ArmRows:
    rows = [posts.index(post) for post, _ in arm]
    return ArmRows(np.array(rows, np.intp), np.array([score for _, score in arm], np.float64))


def _first(scores: Mapping[str, float], limit: int, *, larger: bool) -> list[tuple[str, float]]:
    sign = -1 if larger else 1
    return sorted(scores.items(), key=lambda pair: (sign * pair[1], point_id(pair[0])))[:limit]


def _cosine(one: Float32, other: Float32) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()


def _place(value: float | datetime, step: float | str) -> int:
    """The step that a value lies in, counted from 0 or from the year 1970."""
    if not isinstance(value, datetime):
        assert isinstance(step, float)
        return math.floor(value / step)
    time = value.astimezone(UTC)
    match step:
        case "year":
            return time.year - 1970
        case "month":
            return 12 * (time.year - 1970) + time.month - 1
        case _:
            return (time - datetime(1970, 1, 1, tzinfo=UTC)).days


def _comparable(value: float | str) -> float | datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _within(value: float | str, wanted: Range) -> bool:
    number = _comparable(value)
    return (
        (wanted.at_least is None or number >= wanted.at_least)
        and (wanted.at_most is None or number <= wanted.at_most)
        and (wanted.above is None or number > wanted.above)
        and (wanted.below is None or number < wanted.below)
    )


def _distance(place: Mapping[str, float], lat: float, lon: float) -> float:
    """Along the great circle, in metres (haversine)."""
    here, there = math.radians(place["lat"]), math.radians(lat)
    across = math.radians(lon - place["lon"])
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))
