"""The judge: a store in plain numpy that searches exactly and keeps nothing on disk."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qdrant.errors import ModelMissing
from qdrant.filters import AnyOf, Filter
from qdrant.points import PhotoPoint, StoredPoint, Written, check, check_theta, payload_of, plan, sparse
from qdrant.store import Candidates, Held, Hit, Info, Search


class ReferenceStore:
    """Does what the Store protocol says, the slow and obvious way."""

    def __init__(self) -> None:
        self._points: dict[str, PhotoPoint] = {}
        self._thetas: dict[tuple[str, str], NDArray[np.float32]] = {}
        self._models: dict[str, int] = {}
        self._active: str | None = None

    @property
    def active(self) -> str | None:
        return self._active

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        for point in points:
            check(point, self._models)
        stored = [found for found in self.get([point.id for point in points]) if found]
        outcomes, writes = plan(points, stored)
        for point in writes:
            self._points[point.id] = point
            for model in self._models:
                self._thetas.pop((model, point.id), None)
            for model, theta in point.thetas.items():
                self._thetas[model, point.id] = theta
        return outcomes

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        return [self._stored(post) if post in self._points else None for post in ids]

    def hold(self, posts: Mapping[str, Held]) -> int:
        there = [post for post in posts if post in self._points]
        for post in there:
            held = posts[post]
            changes = {"vis": held.vis, "child": held.child, "facts": held.facts, "words": {}}
            self._points[post] = replace(self._points[post], **changes)
        return len(there)

    def delete(self, ids: Sequence[str]) -> list[bool]:
        return [self._points.pop(post, None) is not None for post in ids]

    def candidates(self, search: Search) -> Candidates:
        passing = [post for post, point in self._points.items() if _passes(point, search.filter)]
        by_theta: list[Hit] = []
        by_words: list[Hit] = []
        if search.theta is not None:
            if self._active is None:
                raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
            check_theta(search.theta, self._active, self._models)
            for post in passing:
                theta = self._thetas.get((self._active, post))
                if theta is not None:
                    by_theta.append(Hit(float(np.abs(theta - search.theta).sum()), self._stored(post)))
        if search.words:
            by_words = self._by_words(search, passing)
        by_theta.sort(key=lambda hit: (hit.score, hit.point.id))
        by_words.sort(key=lambda hit: (-hit.score, hit.point.id))
        return Candidates(by_theta[: search.limit], by_words[: search.limit])

    def scroll(self, filter: Filter | None = None) -> Iterator[StoredPoint]:  # noqa: A002
        yield from [self._stored(post) for post, point in self._points.items() if _passes(point, filter)]

    def count(self, filter: Filter | None = None) -> int:  # noqa: A002
        return sum(_passes(point, filter) for point in self._points.values())

    def add_model(self, model: str, topics: int) -> None:
        self._models.setdefault(model, topics)

    def put_thetas(self, model: str, thetas: Iterable[tuple[str, NDArray[np.float32]]]) -> None:
        for post, theta in thetas:
            check_theta(theta, model, self._models)
            if post in self._points:
                self._thetas[model, post] = theta

    def activate(self, model: str) -> None:
        if model not in self._models:
            raise ModelMissing(f"The store holds no thetas of model {model}: run `photosense train`.")
        self._models = {model: self._models[model]}
        self._thetas = {key: theta for key, theta in self._thetas.items() if key[0] == model}
        self._active = model

    def info(self) -> Info:
        return Info(len(self._points), dict(self._models), self._active, "numpy (reference)")

    def close(self) -> None:
        """Nothing to let go of."""

    def _stored(self, post: str) -> StoredPoint:
        theta = self._thetas.get((self._active, post)) if self._active else None
        return StoredPoint(payload_of(self._points[post]), theta)

    def _by_words(self, search: Search, passing: list[str]) -> list[Hit]:
        """Sum of query weight x document weight x inverse document frequency over the words in common."""
        vectors = {post: dict(zip(*sparse(point.words), strict=True)) for post, point in self._points.items()}
        seen = Counter(number for vector in vectors.values() for number in vector)
        having = sum(bool(vector) for vector in vectors.values())
        asked = dict(zip(*sparse(search.words), strict=True))
        hits = []
        for post in passing:
            common = asked.keys() & vectors[post].keys()
            if common:
                idf = {number: math.log((having - seen[number] + 0.5) / (seen[number] + 0.5) + 1) for number in common}
                score = sum(asked[number] * vectors[post][number] * idf[number] for number in common)
                hits.append(Hit(score, self._stored(post)))
        return hits


def _passes(point: PhotoPoint, wanted: Filter | None) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, AnyOf):
        value = payload_of(point).get(wanted.field)
        return not wanted.values.isdisjoint(value if isinstance(value, list) else [value])
    return all(_passes(point, part) for part in wanted.parts)
