"""The judge: a store in plain numpy that searches exactly and keeps nothing on disk."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from common.arrays import Float32
from qdrant.attrs import AttrKind, called, path, typed
from qdrant.engine.about import About
from qdrant.engine.checks import check, check_place, check_size, check_standing, check_theta, check_topics
from qdrant.engine.examples import by_examples
from qdrant.engine.write_plan import Write, Written, payload_of, plan
from qdrant.errors import FilterRefused, ModelMissing, PointRefused
from qdrant.filters import All, AnyOf, Contains, Filter, Has, Near, Not, Posts, Range, Some, conditions
from qdrant.points import OPEN, UNSEEN, Fields, PhotoPoint, StoredPoint, foreign_name, point_id, told_apart
from qdrant.store import Candidates, Info, Saved, ScoredPoint, Search, Standing

EARTH = 6_371_008.8  # metres


class ReferenceStore:
    """Does what the Store protocol says, the slow and obvious way."""

    def __init__(self) -> None:
        self._points: dict[str, Write] = {}
        self._payloads: dict[str, dict] = {}
        self._thetas: dict[tuple[str, str], Float32] = {}
        self._aligned: dict[tuple[str, str], Float32] = {}
        self._foreign: dict[tuple[str, str], Float32] = {}
        self._about = About()
        self._attrs: set[tuple[AttrKind, str]] = set()

    @property
    def active(self) -> str | None:
        return self._about.active

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        for point in points:
            check(point, self._about)
        stored = [found for found in self.get([point.id for point in points]) if found]
        outcomes, writes = plan(points, stored)
        for write in writes:
            point = write.point
            self._keep(write)
            self._forget(lambda key, post=point.id: key[1] == post)
            vectors = (self._thetas, point.thetas), (self._aligned, point.aligned), (self._foreign, point.foreign)
            for kept, given in vectors:
                kept.update({(model, point.id): vector for model, vector in given.items()})
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

    def delete_where(self, filter: Filter) -> int:  # noqa: A002
        return sum(self.delete([point.id for point in self.scroll(filter)]))

    def candidates(self, search: Search) -> Candidates:
        if search.like or search.unlike:
            search = by_examples(search, self.get)
        passing = [post for post in self._points if self._passes(post, search.filter)]
        by_theta: list[ScoredPoint] = []
        by_words: list[ScoredPoint] = []
        by_aligned: list[ScoredPoint] = []
        by_foreign: list[ScoredPoint] = []
        if search.theta is not None:
            model = self._needed()
            check_theta(search.theta, model, self._about.models)
            for post in passing:
                theta = self._thetas.get((model, post))
                if theta is not None:
                    by_theta.append(ScoredPoint(float(np.abs(theta - search.theta).sum()), self._stored(post)))
        if search.aligned is not None:
            model = self._needed()
            check_place(search.aligned, "aligned", model, self._about.aligned)
            for post in passing:
                place = self._aligned.get((model, post))
                if place is not None:
                    by_aligned.append(ScoredPoint(_cosine(place, search.aligned), self._stored(post)))
        if search.foreign is not None:
            encoder, wanted, least = search.foreign
            check_place(wanted, "foreign", encoder, self._about.foreign)
            for post in passing:
                place = self._foreign.get((encoder, post))
                if place is not None and (near := _cosine(place, wanted)) >= least:
                    by_foreign.append(ScoredPoint(near, self._stored(post)))
        if search.words:
            by_words = self._by_words(search, passing)
        by_theta.sort(key=lambda hit: (hit.score, point_id(hit.point.id)))
        for arm in (by_words, by_aligned, by_foreign):
            arm.sort(key=lambda hit: (-hit.score, point_id(hit.point.id)))
        return Candidates(*(arm[: search.limit] for arm in (by_theta, by_words, by_aligned, by_foreign)))

    def candidates_of(self, searches: Sequence[Search]) -> list[Candidates]:
        return [self.candidates(search) for search in searches]

    def scroll(self, filter: Filter | None = None, *, features: bool = False) -> Iterator[StoredPoint]:  # noqa: A002
        fields = Fields.LEARNED_FROM if features else Fields.READ
        yield from [self._stored(post, fields) for post in self._points if self._passes(post, filter)]

    def count(self, filter: Filter | None = None) -> int:  # noqa: A002
        return sum(self._passes(post, filter) for post in self._points)

    def facet(self, field: str, limit: int, filter: Filter | None = None) -> dict[str, int]:  # noqa: A002
        self._check_field(field)
        passing = [self._values(post, field) for post in self._points if self._passes(post, filter)]
        counts = Counter(value for values in passing for value in set(values))
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit])

    def add_model(self, model: str, topics: int, aligned: int = 0) -> None:
        check_topics(model, topics, aligned)
        if model not in self._about.models:
            self._about = self._about.with_model(model, topics, aligned)

    def put_thetas(self, model: str, thetas: Iterable[tuple[str, Float32]]) -> None:
        for post, theta in thetas:
            check_theta(theta, model, self._about.models)
            if post in self._points:
                self._thetas[model, post] = theta

    def put_aligned(self, model: str, places: Iterable[tuple[str, Float32]]) -> None:
        for post, place in places:
            check_place(place, "aligned", model, self._about.aligned)
            if post in self._points:
                self._aligned[model, post] = place

    def add_foreign(self, encoder: str, size: int) -> None:
        check_size(encoder, size)
        self._about = self._about.with_foreign(encoder, self._about.foreign.get(encoder, size))

    def put_foreign(self, encoder: str, places: Iterable[tuple[str, Float32]]) -> None:
        for post, place in places:
            check_place(place, "foreign", encoder, self._about.foreign)
            if post in self._points:
                self._foreign[encoder, post] = place

    def drop_foreign(self, encoder: str) -> None:
        self._drop(encoder)

    def activate(self, model: str) -> None:
        if model not in self._about.models:
            raise ModelMissing(f"The store holds no thetas of model {model}: run `photosense train`.")
        for old in self._about.models.keys() - {model}:
            self._drop(old)
        self._about = replace(self._about, active=model)

    def drop_model(self, model: str) -> None:
        if model == self._about.active:
            raise PointRefused(f"Model {model} is searched: put another in place first.")
        self._drop(model)

    def info(self) -> Info:
        attrs: dict[str, list[str]] = {}
        for kind, name in sorted(self._attrs):
            attrs.setdefault(name, []).append(kind.value)
        about = self._about
        vectors = about.aligned, about.foreign
        return Info(len(self._points), dict(about.models), about.active, "numpy (reference)", attrs, (), *vectors)

    def optimize(self) -> None:
        """Nothing is kept of what was removed."""

    def backup(self, place: Path) -> Saved:
        raise NotImplementedError("the judge keeps nothing on disk")

    def close(self) -> None:
        """Nothing to let go of."""

    def _keep(self, write: Write) -> None:
        point = write.point
        if point.vis in (OPEN, UNSEEN):
            self._attrs |= {(kind, name) for kind, named in typed(point.attrs).items() for name in named}
        self._points[point.id] = write
        self._payloads[point.id] = payload_of(write)

    def _drop(self, model: str) -> None:
        self._about = self._about.without(model)
        self._forget(lambda key: key[0] == model)

    def _forget(self, gone: Callable[[tuple[str, str]], bool]) -> None:
        for kept in (self._thetas, self._aligned, self._foreign):
            for key in [key for key in kept if gone(key)]:
                del kept[key]

    def _needed(self) -> str:
        if self._about.active is None:
            raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
        return self._about.active

    def _stored(self, post: str, fields: Sequence[str] = Fields.READ) -> StoredPoint:
        key = (self._about.active or "", post)
        payload = self._payloads[post]
        known = {field: payload[field] for field in fields if field in payload}
        foreign = {of: place for (of, placed), place in self._foreign.items() if placed == post}
        return StoredPoint(known, self._thetas.get(key), self._aligned.get(key), foreign)

    def _by_words(self, search: Search, passing: list[str]) -> list[ScoredPoint]:
        """Sum of query weight x document weight x inverse document frequency over the words in common."""
        vectors = {post: told_apart(write.point.words, post) for post, write in self._points.items()}
        seen = Counter(word for vector in vectors.values() for word in vector)
        having = sum(bool(vector) for vector in vectors.values())
        hits = []
        for post in passing:
            common = search.words.keys() & vectors[post].keys()
            if common:
                idf = {word: math.log((having - seen[word] + 0.5) / (seen[word] + 0.5) + 1) for word in common}
                score = sum(search.words[word] * vectors[post][word] * idf[word] for word in common)
                hits.append(ScoredPoint(score, self._stored(post)))
        return hits

    def _passes(self, post: str, wanted: Filter | None) -> bool:
        for condition in conditions(wanted):
            self._check_field(condition.field)
        return wanted is None or self._holds(post, wanted)

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
                return any(foreign_name(of) == vector for of, placed in self._foreign if placed == post)
            case AnyOf(field, values):
                return any(value in values for value in self._values(post, field))
            case Contains(field, text):
                said = _words(" ".join(self._values(post, field)))
                return set(_words(text)) <= set(said)
            case Near(field, lat, lon, metres):
                return any(_distance(place, lat, lon) <= metres for place in self._values(post, field))
            case Range(field):
                return any(_within(value, wanted) for value in self._values(post, field))

    def _values(self, post: str, field: str) -> list:
        payload = self._payloads[post]
        if field in payload:
            value = payload[field]
        else:
            _, kind, name = field.split(".", 2)
            value = payload[Fields.TYPED].get(kind, {}).get(name.strip('"'), [])
        return value if isinstance(value, list) else [] if value is None else [value]

    def _check_field(self, field: str) -> None:
        if field not in Fields.INDEXED and field not in {path(kind, name) for kind, name in self._attrs}:
            raise FilterRefused(f"No post has {called(field)} to be filtered by.")


def _cosine(one: Float32, other: Float32) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()


def _within(value: float | str, wanted: Range) -> bool:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (
        (wanted.at_least is None or found >= wanted.at_least)
        and (wanted.at_most is None or found <= wanted.at_most)
        and (wanted.above is None or found > wanted.above)
        and (wanted.below is None or found < wanted.below)
    )


def _distance(place: Mapping[str, float], lat: float, lon: float) -> float:
    """Along the great circle, in metres (haversine)."""
    here, there = math.radians(place["lat"]), math.radians(lat)
    across = math.radians(lon - place["lon"])
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))
