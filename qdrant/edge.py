"""The embedded engine (qdrant-edge) as a Store: one process, one folder, no server."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as edge
from numpy.typing import NDArray

from qdrant.errors import ModelMissing, StoreDamaged, StoreDown
from qdrant.filters import AnyOf, Filter
from qdrant.folder import About, Folder
from qdrant.points import (
    WORDS,
    Fields,
    PhotoPoint,
    StoredPoint,
    Written,
    check,
    check_theta,
    payload_of,
    plan,
    point_id,
    sparse,
    theta_name,
)
from qdrant.recent import RecentPoints
from qdrant.store import BATCH, Candidates, Held, Hit, Info, Search, batches

Floats = NDArray[np.float32]


class EdgeStore:
    """A Store in a folder of this machine. Searches may run beside each other; writes take turns."""

    def __init__(self, path: Path) -> None:
        """Open the store at `path`, or make a new one there."""
        self._folder = Folder(path, _create)
        self._writing = threading.Lock()
        self._recent = RecentPoints()
        try:
            if not any((self._folder.shard / "segments").glob("*/")):
                raise FileNotFoundError("its segments are missing")  # the engine would open it as if it were empty
            self._shard = edge.EdgeShard.load(str(self._folder.shard))
        except Exception as error:
            self._folder.close()
            raise StoreDamaged(
                f"The store {path} does not open ({error}): restore it, or move it away and ingest again."
            ) from error

    @property
    def active(self) -> str | None:
        """The model whose thetas are searched."""
        return self._folder.about.active

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        """Write points, newest version wins; one outcome a point, in order."""
        for point in points:
            check(point, self._folder.about.models)
        with self._writing, _translated():
            outcomes, writes = plan(points, self._retrieve([point.id for point in points]))
            if writes:
                self._folder.check_space()
            for part in batches(writes):
                self._shard.update(edge.UpdateOperation.upsert_points([_point(point) for point in part]))
            if writes:
                self._shard.flush()
        return outcomes

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        """Read posts by the host's ids, in order; None where there is none."""
        with _translated():
            found = {point.id: point for point in self._retrieve(ids)}
        return [found.get(post) for post in ids]

    def hold(self, posts: Mapping[str, Held]) -> int:
        """Withhold posts from now on, with these facts: what stands of them stays, their words leave the index."""
        with self._writing, _translated():
            there = [point.id for point in self._retrieve(posts)]
            for post in there:
                self._shard.update(edge.UpdateOperation.set_payload([point_id(post)], posts[post].payload()))
            if there:
                keys: list[Any] = [point_id(post) for post in there]
                self._shard.update(edge.UpdateOperation.delete_vectors(keys, [WORDS]))
                self._shard.flush()
        return len(there)

    def delete(self, ids: Sequence[str]) -> list[bool]:
        """Remove posts; tells for each whether it was there."""
        with self._writing, _translated():
            there = {point.id for point in self._retrieve(ids)}
            if there:
                self._shard.update(edge.UpdateOperation.delete_points([point_id(post) for post in there]))
                self._shard.flush()
        return [post in there for post in ids]

    def candidates(self, search: Search) -> Candidates:
        """Find the nearest points by theta and the best by words, in one round trip."""
        requests, active = [], self.active
        if search.theta is not None:
            name = theta_name(self._needed_model())
            check_theta(search.theta, self._needed_model(), self._folder.about.models)
            requests.append(_request(search, edge.Query.Nearest(search.theta.tolist(), name)))
        if search.words:
            requests.append(_request(search, edge.Query.Nearest(edge.SparseVector(*sparse(search.words)), WORDS)))
        if not requests or search.limit <= 0:
            return Candidates([], [])
        with _translated():
            answers = self._shard.query_batch(edge.QueryBatchRequest(requests))
            scored = [[(str(hit.id), (hit.version, active), hit.score) for hit in answer] for answer in answers]
            keys = ((key, version) for answer in scored for key, version, _ in answer)
            points = self._recent.find(keys, self._fetch)
        arms = [[Hit(score, points[key]) for key, _, score in answer if key in points] for answer in scored]
        by_theta = arms.pop(0) if search.theta is not None else []
        by_words = arms.pop(0) if search.words else []
        by_theta.sort(key=lambda hit: (hit.score, hit.point.id))
        by_words.sort(key=lambda hit: (-hit.score, hit.point.id))
        return Candidates(by_theta, by_words)

    def scroll(self, filter: Filter | None = None) -> Iterator[StoredPoint]:  # noqa: A002 - the word is the same everywhere
        """Go through every point once."""
        offset = None
        while True:
            with _translated():
                request = edge.ScrollRequest(
                    offset=offset,
                    limit=BATCH,
                    filter=_filter(filter),
                    with_payload=True,
                    with_vector=self._theta_names(),
                )
                records, offset = self._shard.scroll(request)
            yield from map(self._stored, records)
            if offset is None:
                return

    def count(self, filter: Filter | None = None) -> int:  # noqa: A002 - the word is the same everywhere
        """Count points."""
        with _translated():
            return int(self._shard.count(edge.CountRequest(filter=_filter(filter), exact=True)))

    def add_model(self, model: str, topics: int) -> None:
        """Make room for the thetas of a model."""
        about = self._folder.about
        if model in about.models:
            return
        with self._writing, _translated():
            self._folder.check_space()
            operation = edge.UpdateOperation.create_dense_vector(theta_name(model), topics, edge.Distance.Manhattan)
            self._shard.update(operation)
            self._shard.flush()
            self._folder.write(About({**about.models, model: topics}, about.active))

    def put_thetas(self, model: str, thetas: Iterable[tuple[str, Floats]]) -> None:
        """Fill in thetas of posts that are stored."""
        for part in batches(thetas):
            for _, theta in part:
                check_theta(theta, model, self._folder.about.models)
            with self._writing, _translated():
                self._folder.check_space()
                there = {point.id for point in self._retrieve([post for post, _ in part])}
                vectors = [
                    edge.PointVectors(point_id(post), {theta_name(model): theta.tolist()})
                    for post, theta in part
                    if post in there
                ]
                if vectors:
                    self._shard.update(edge.UpdateOperation.update_vectors(vectors))
                    self._shard.flush()

    def activate(self, model: str) -> None:
        """Search this model's thetas from now on, and drop those of every other."""
        about = self._folder.about
        if model not in about.models:
            raise ModelMissing(f"The store holds no thetas of model {model}: run `photosense train`.")
        with self._writing, _translated():
            self._folder.write(About({model: about.models[model]}, model))
            for old in about.models.keys() - {model}:
                self._shard.update(edge.UpdateOperation.delete_vector_name(theta_name(old)))
            self._shard.flush()

    def info(self) -> Info:
        """Say how large the store is."""
        about = self._folder.about
        return Info(self.count(), dict(about.models), about.active, "qdrant-edge (embedded)")

    def close(self) -> None:
        """Let go of everything; the store can be opened again."""
        self._shard.close()
        self._folder.close()

    def _needed_model(self) -> str:
        if self.active is None:
            raise ModelMissing("The store holds no thetas yet: run `photosense train`.")
        return self.active

    def _theta_names(self) -> list[str]:
        return [theta_name(self.active)] if self.active else []

    def _retrieve(self, ids: Iterable[str]) -> Iterator[StoredPoint]:
        wanted: list[Any] = [point_id(post) for post in dict.fromkeys(ids)]
        for part in batches(wanted):
            yield from map(self._stored, self._shard.retrieve(part, True, self._theta_names()))

    def _fetch(self, keys: list[Any]) -> dict[Any, StoredPoint]:
        records = self._shard.retrieve(keys, True, self._theta_names())
        return {str(record.id): self._stored(record) for record in records}

    def _stored(self, record: Any) -> StoredPoint:
        vectors = record.vector
        theta = vectors.get(theta_name(self.active)) if vectors and self.active else None
        return StoredPoint(record.payload, None if theta is None else np.asarray(theta, dtype=np.float32))


def _create(path: Path) -> None:
    sparse_words = {WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)}
    shard = edge.EdgeShard.create(str(path), edge.EdgeConfig(vectors={}, sparse_vectors=sparse_words))
    for field in Fields.KEYWORDS:
        index = edge.KeywordIndexParams(is_tenant=field == Fields.VIS)
        shard.update(edge.UpdateOperation.create_field_index(field, index))
    shard.flush()
    shard.close()


def _request(search: Search, query: Any) -> Any:
    """Ask for ids and scores alone: unpacking a payload costs ten times as much as finding it."""
    return edge.QueryRequest(
        limit=search.limit, query=query, filter=_filter(search.filter), with_payload=False, with_vector=False
    )


def _point(point: PhotoPoint) -> Any:
    vectors: dict[str, Any] = {theta_name(model): theta.tolist() for model, theta in point.thetas.items()}
    if point.words:
        vectors[WORDS] = edge.SparseVector(*sparse(point.words))
    return edge.Point(point_id(point.id), vectors, payload_of(point))


def _filter(ours: Filter | None) -> Any:
    return None if ours is None else edge.Filter(must=_conditions(ours))


def _conditions(ours: Filter) -> list[Any]:
    if isinstance(ours, AnyOf):
        return [edge.FieldCondition(key=ours.field, match=edge.MatchAny(sorted(ours.values)))]
    return [condition for part in ours.parts for condition in _conditions(part)]


@contextmanager
def _translated() -> Iterator[None]:
    """Let no exception of the engine (all are plain `Exception`) leave this file."""
    try:
        yield
    except Exception as error:
        if type(error) is Exception:
            raise StoreDown(
                f"The embedded engine failed: {error}. Check disk space and the folder's rights."
            ) from error
        raise
