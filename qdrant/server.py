"""A Qdrant server or cluster as a Store, through qdrant-client: many processes, one collection."""

import math
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from qdrant.errors import ModelMissing
from qdrant.filters import AnyOf, Filter
from qdrant.folder import About
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
from qdrant.record import Record, metadata_of
from qdrant.refusals import check_address, check_version, translated
from qdrant.store import BATCH, Candidates, Held, Hit, Info, Search, batches

Floats = NDArray[np.float32]

_STRONG = models.WriteOrdering.STRONG
_FAILURES = (ApiException, QdrantException, ValueError, AssertionError)  # json, pydantic and `assert` leave it bare
_ID, _FOR_PLAN = [Fields.ID], [Fields.ID, Fields.VERSION, Fields.DIGEST]


class ServerStore:
    """A Store on a Qdrant server, 1.18 or later; each model's thetas are a named vector added to the live collection.

    Any number of processes may search. Writes of one process take turns; let one process write at a time, because
    versions are compared here and not on the server.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        collection: str = "photosense",
        timeout: float = 10.0,
        client: QdrantClient | None = None,
    ) -> None:
        """Open the collection of the server at `url`, or make it; a `client` that is handed in stays its owner's."""
        self._collection, self._owned = collection, client is None
        self._translated = partial(translated, _FAILURES, url)
        self._writing = threading.Lock()
        with self._translated():
            self._client = client or _connect(url, api_key, timeout)
        try:
            with self._translated():
                self._version = self._client.info().version
                check_version(self._version, url)
                self._create()
            self._record = Record(f"The collection {collection} at {url}", self._metadata, self._set_metadata)
            self._create_indexes()
        except BaseException:
            self.close()
            raise

    @property
    def active(self) -> str | None:
        """The model whose thetas are searched, as of the last look at the server; `info` and every write look."""
        return self._record.active

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        """Write points, newest version wins; one outcome a point, in order."""
        with self._writing, self._translated():
            about = self._record.look()
            for point in points:
                check(point, about.models)
            outcomes, writes = plan(points, self._retrieve([point.id for point in points], _FOR_PLAN))
            for part in batches(writes):
                structs = [_point(point) for point in part]
                self._client.upsert(self._collection, structs, wait=True, ordering=_STRONG)
        return outcomes

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        """Read posts by the host's ids, in order; None where there is none."""
        found = self._record.followed(partial(self._points, ids))
        return [found.get(post) for post in ids]

    def hold(self, posts: Mapping[str, Held]) -> int:
        """Withhold posts from now on, with these facts: what stands of them stays, their words leave the index."""
        with self._writing, self._translated():
            there = [point.id for point in self._retrieve(posts, _ID)]
            for post in there:
                key: list[Any] = [point_id(post)]
                self._client.set_payload(self._collection, posts[post].payload(), key, wait=True, ordering=_STRONG)
                self._client.delete_vectors(self._collection, [WORDS], key, wait=True, ordering=_STRONG)
        return len(there)

    def delete(self, ids: Sequence[str]) -> list[bool]:
        """Remove posts; tells for each whether it was there."""
        with self._writing, self._translated():
            there = {point.id for point in self._retrieve(ids, _ID)}
            for part in batches(point_id(post) for post in there):
                gone = models.PointIdsList(points=list(part))
                self._client.delete(self._collection, gone, wait=True, ordering=_STRONG)
        return [post in there for post in ids]

    def candidates(self, search: Search) -> Candidates:
        """Find the nearest points by theta and the best by words, in one round trip."""
        return self._record.followed(partial(self._candidates, search, self.active))

    def scroll(self, filter: Filter | None = None) -> Iterator[StoredPoint]:  # noqa: A002 - the word is the same everywhere
        """Go through every point once."""
        offset: Any = None
        while True:
            page, offset = self._record.followed(partial(self._page, filter, offset))
            yield from page
            if offset is None:
                return

    def count(self, filter: Filter | None = None) -> int:  # noqa: A002 - the word is the same everywhere
        """Count points."""
        with self._translated():
            return self._client.count(self._collection, count_filter=_filter(filter), exact=True).count

    def add_model(self, model: str, topics: int) -> None:
        """Make room for the thetas of a model."""
        with self._writing, self._translated():
            about = self._record.look()
            if model in about.models:
                return
            name, size = theta_name(model), models.DenseVectorConfig(size=topics, distance=models.Distance.MANHATTAN)
            config = models.DenseVectorNameConfig(dense=size)
            # A switch that was cut short leaves the name behind, with thetas of the model's earlier life.
            self._client.delete_vector_name(self._collection, name, wait=True, ordering=_STRONG)
            self._client.create_vector_name(self._collection, name, config, wait=True, ordering=_STRONG)
            self._record.write(About({**about.models, model: topics}, about.active))

    def put_thetas(self, model: str, thetas: Iterable[tuple[str, Floats]]) -> None:
        """Fill in thetas of posts that are stored."""
        about = self._record.look()
        for part in batches(thetas):
            for _, theta in part:
                check_theta(theta, model, about.models)
            with self._writing, self._translated():
                there = {point.id for point in self._retrieve([post for post, _ in part], _ID)}
                vectors = [
                    models.PointVectors(id=point_id(post), vector={theta_name(model): theta.tolist()})
                    for post, theta in part
                    if post in there
                ]
                if vectors:
                    self._client.update_vectors(self._collection, vectors, wait=True, ordering=_STRONG)

    def activate(self, model: str) -> None:
        """Search this model's thetas from now on, and drop those of every other."""
        with self._writing, self._translated():
            about = self._record.look()
            if model not in about.models:
                raise ModelMissing(f"The store holds no thetas of model {model}: run `photosense train`.")
            self._record.write(About({model: about.models[model]}, model))
            for old in about.models.keys() - {model}:
                self._client.delete_vector_name(self._collection, theta_name(old), wait=True, ordering=_STRONG)

    def info(self) -> Info:
        """Say how large the store is."""
        about = self._record.look()
        return Info(self.count(), dict(about.models), about.active, f"qdrant {self._version} (server)")

    def close(self) -> None:
        """Let go of everything; the store can be opened again."""
        if self._owned:
            self._client.close()

    def _create(self) -> None:
        if self._client.collection_exists(self._collection):
            return
        try:
            self._client.create_collection(
                self._collection,
                vectors_config={},
                sparse_vectors_config={WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                metadata=metadata_of(About()),
            )
        except UnexpectedResponse:
            if not self._client.collection_exists(self._collection):  # else another process was faster
                raise

    def _create_indexes(self) -> None:
        """Index what is not indexed yet, since making the collection may have been cut short."""
        with self._translated(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Payload indexes have no effect in the local", UserWarning)
            indexed = self._client.get_collection(self._collection).payload_schema
            for field in set(Fields.KEYWORDS) - indexed.keys():
                keyword, tenant = models.KeywordIndexType.KEYWORD, field == Fields.VIS
                index = models.KeywordIndexParams(type=keyword, is_tenant=tenant)
                self._client.create_payload_index(self._collection, field, index, wait=True, ordering=_STRONG)

    def _metadata(self) -> Mapping[str, Any] | None:
        with self._translated():
            return self._client.get_collection(self._collection).config.metadata

    def _set_metadata(self, metadata: dict[str, Any]) -> None:
        with self._translated():
            self._client.update_collection(self._collection, metadata=metadata)

    def _candidates(self, search: Search, model: str | None) -> Candidates:
        """Ask both arms at once; the theta of `search` is one of `model`."""
        asked: dict[str, Any] = {}
        if search.theta is not None:
            model = self._record.needed(model)
            check_theta(search.theta, model, self._record.about.models)
            asked[theta_name(model)] = search.theta.tolist()
        if search.words:
            asked[WORDS] = _sparse(search.words)
        if not asked or search.limit <= 0:
            return Candidates([], [])
        requests = [
            models.QueryRequest(
                query=models.NearestQuery(nearest=vector),
                using=name,
                limit=search.limit,
                filter=_filter(search.filter),
                with_payload=True,
                with_vector=self._record.theta_names,
            )
            for name, vector in asked.items()
        ]
        with self._translated():
            answers = self._client.query_batch_points(self._collection, requests)
        hits = [[Hit(scored.score, self._stored(scored)) for scored in answer.points] for answer in answers]
        arms = dict(zip(asked, hits, strict=True))
        by_words = sorted(arms.pop(WORDS, []), key=lambda hit: (-hit.score, hit.point.id))
        by_theta = sorted(*arms.values() or [[]], key=lambda hit: (hit.score, hit.point.id))
        return Candidates(by_theta, by_words)

    def _page(self, wanted: Filter | None, offset: Any) -> tuple[list[StoredPoint], Any]:
        names = self._record.theta_names
        with self._translated():
            records, offset = self._client.scroll(
                self._collection, _filter(wanted), limit=BATCH, offset=offset, with_payload=True, with_vectors=names
            )
        return [self._stored(record) for record in records], offset

    def _points(self, ids: Iterable[str]) -> dict[str, StoredPoint]:
        with self._translated():
            return {point.id: point for point in self._retrieve(ids)}

    def _retrieve(self, ids: Iterable[str], fields: list[str] | None = None) -> Iterator[StoredPoint]:
        """Read points whole, or of each only the named fields."""
        vectors = [] if fields else self._record.theta_names
        for part in batches(point_id(post) for post in dict.fromkeys(ids)):
            records = self._client.retrieve(self._collection, part, with_payload=fields or True, with_vectors=vectors)
            yield from map(self._stored, records)

    def _stored(self, record: models.Record | models.ScoredPoint) -> StoredPoint:
        vectors = record.vector if isinstance(record.vector, dict) else {}
        theta = vectors.get(theta_name(self.active)) if self.active else None
        return StoredPoint(record.payload or {}, None if theta is None else np.asarray(theta, dtype=np.float32))


def _connect(url: str, api_key: str | None, timeout: float) -> QdrantClient:
    check_address(url)
    # The client compares versions in a thread of its own, and warns where nobody listens; `check_version` raises.
    return QdrantClient(url=url, api_key=api_key, timeout=math.ceil(timeout), check_compatibility=False)


def _point(point: PhotoPoint) -> models.PointStruct:
    vectors: dict[str, Any] = {theta_name(model): theta.tolist() for model, theta in point.thetas.items()}
    if point.words:
        vectors[WORDS] = _sparse(point.words)
    return models.PointStruct(id=point_id(point.id), vector=vectors, payload=payload_of(point))


def _sparse(words: Mapping[str, float]) -> models.SparseVector:
    indices, values = sparse(words)
    return models.SparseVector(indices=indices, values=values)


def _filter(ours: Filter | None) -> models.Filter | None:
    return None if ours is None else models.Filter(must=_conditions(ours))


def _conditions(ours: Filter) -> list[models.Condition]:
    if isinstance(ours, AnyOf):
        return [models.FieldCondition(key=ours.field, match=models.MatchAny(any=sorted(ours.values)))]
    return [condition for part in ours.parts for condition in _conditions(part)]
