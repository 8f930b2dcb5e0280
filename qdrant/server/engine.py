"""A Qdrant server or cluster, through qdrant-client: many processes, one collection behind an alias."""

import math
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

import numpy as np
from grpc import RpcError
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from common.arrays import Index
from qdrant.attrs import AttrKind, path, unquoted, value_of, values_of
from qdrant.engine.about import About
from qdrant.engine.guard import Guard
from qdrant.engine.protocol import BATCH, Arm, ArmKeys, Change, Listed, Packed, Vector, Writing
from qdrant.engine.translate import Words, translate
from qdrant.engine.write_plan import version_of
from qdrant.filters import Filter, Range, both
from qdrant.outline import OUTLINED, Outlines
from qdrant.points import WORDS, Fields, StoredPoint, kind_of, sparse, stored_point
from qdrant.server.cluster import Cluster
from qdrant.server.nodes import Nodes, addresses, grpc_port
from qdrant.server.patience import Circuit
from qdrant.server.record import StoreRecord, metadata_of
from qdrant.server.refusals import ServerRefused, check_address, check_version
from qdrant.server.settings import ServerSettings
from qdrant.steps import Step, place_of, start_or_none, within
from qdrant.store import MOST_STEPS, Count, Facet, FacetCounts, Order, Saved, Value
from qdrant.vector_kind import Measure, NamedVector

T = TypeVar("T")
_MOST_WORDS = 10_000  # of a field that are counted
FRESH = 30.0  # seconds until a process that only searches looks again at what others changed

# Medium: each write of a shard goes through one leader, as by strong, but another takes its place when it is gone.
_DONE: dict[str, Any] = {"wait": True, "ordering": models.WriteOrdering.MEDIUM}
# The last two come from json, pydantic and `assert`, which the client leaves bare.
_FAILURES = (ApiException, QdrantException, RpcError, ValueError, AssertionError)
_WALK = models.SearchParams(hnsw_ef=256, acorn=models.AcornSearchParams(enable=True))
_ALL = models.SearchParams(exact=True)
_STRICT = models.StrictModeConfig(enabled=True, unindexed_filtering_retrieve=False, unindexed_filtering_update=False)
_GRAPH = models.HnswConfigDiff(m=32, ef_construct=200)
_Field = models.FieldCondition


class ServerEngine:
    """The Engine of a collection; data go by its alias, what changes the collection itself by its own name."""

    is_calm = True
    written = ""

    def __init__(
        self, url: str, api_key: str | None, settings: ServerSettings, client: QdrantClient | None = None
    ) -> None:
        """Open the collection of the server at `url`, or make it; a `client` that is handed in stays its owner's.

        `url` may be several addresses of one cluster, parted by commas: the next is asked when one does not answer.
        """
        urls = addresses(url)
        for one in urls if client is None else ():
            check_address(one)
        self._settings, self._owned = settings, client is None
        self._size, self._looked = 0, 0.0
        self.turn: AbstractContextManager[Any] = threading.Lock()
        self._alias = settings.collection
        circuit = Circuit(url, _FAILURES, settings.patience)
        self._raw = client or Nodes(urls, lambda one: _connect(one, api_key, settings), _FAILURES)
        self._client = cast(QdrantClient, Guard(self._raw, circuit.call))
        try:
            version = self._client.info().version
            check_version(version, url)
            self.name = f"qdrant {version} (server)"
            self._own_name = self._create()
            self._record = StoreRecord(f"The collection {self._alias} at {url}", self._metadata, self._set_metadata)
            self._create_indexes()
            self._cluster = Cluster(
                self._raw.url if isinstance(self._raw, Nodes) else url, api_key, self._client, self._own_name
            )
        except BaseException:
            self.close()
            raise

    @property
    def about(self) -> About:
        """What the collection says of itself, as last seen."""
        return self._record.about

    def look(self) -> About:
        """Read anew what it says: another process may have put another model in place."""
        return self._record.look()

    def record(self, about: About) -> None:
        """Write what it says of itself."""
        self._record.write(about)

    @contextmanager
    def writing(self, *, room: int | None) -> Iterator[None]:  # noqa: ARG002 - the server knows its own room
        """Every write waits until the server has it on disk."""
        yield

    def followed(self, ask: Callable[[], T]) -> T:
        """Ask, and once more when another process has put another model in place meanwhile."""
        return self._record.followed(ask)

    def write(self, points: Sequence[Packed]) -> Collection[UUID]:
        """Replace points whole, unless another process wrote a newer version meanwhile: the server compares."""
        sent = {point.key: version_of(point.payload) for point in points}
        where = _no_newer(sent)
        self._client.upsert(self._alias, [_point(point) for point in points], update_filter=where, **_DONE)
        records = self._client.retrieve(self._alias, list(sent), [Fields.VERSION], with_vectors=False)
        stored = {UUID(str(record.id)): version_of(record.payload or {}) for record in records}
        return [key for key, version in sent.items() if stored.get(key, 0) > version]

    def change(self, changes: Sequence[Change]) -> None:
        """Change points that are there, in one request."""
        self._client.batch_update_points(self._alias, _operations(changes), **_DONE)

    def put(self, vector: str, values: Mapping[UUID, Vector]) -> None:
        """Replace one vector of points."""
        vectors = [models.PointVectors(id=key, vector={vector: _vector(value)}) for key, value in values.items()]
        self._client.update_vectors(self._alias, vectors, **_DONE)

    def erase(self, keys: Sequence[UUID]) -> None:
        """Remove points."""
        self._client.delete(self._alias, models.PointIdsList(points=list(keys)), **_DONE)

    def erase_where(self, wanted: Filter) -> None:
        """Remove the points that pass."""
        self._client.delete(self._alias, models.FilterSelector(filter=translate(wanted, _WORDS)), **_DONE)

    def read(self, keys: Sequence[UUID], fields: Sequence[str], model: str | None) -> dict[UUID, StoredPoint]:
        """Read some fields of points."""
        records = self._client.retrieve(self._alias, list(keys), list(fields), self.about.names_with(model))
        return {UUID(str(record.id)): stored_point(record.payload, record.vector, model) for record in records}

    def rank(self, arms: Sequence[Arm], model: str | None, *, with_points: bool) -> list[ArmKeys]:
        """Answer every arm in one round trip."""
        if not arms:
            return []
        requests = [
            models.QueryRequest(
                query=models.NearestQuery(nearest=_vector(arm.query)),
                using=arm.vector,
                limit=arm.limit,
                filter=translate(arm.filter, _WORDS),
                params=None if arm.vector == WORDS else _ALL if arm.exact else _WALK,
                with_payload=list(OUTLINED) if with_points else False,
                with_vector=self.about.names_with(model) if with_points else False,
            )
            for arm in arms
        ]
        answers = self._client.query_batch_points(self._alias, requests)
        return [_arm_keys(answer.points, model, with_points=with_points) for answer in answers]

    def read_ahead(self, model: str) -> None:
        """Nothing: the server answers everything itself."""

    def outlines(self, rankings: Sequence[ArmKeys], model: str | None) -> tuple[Outlines, list[Index]]:
        """Outlines of points; what did not come with the answer is read."""
        keys = [ranking.keys.tolist() for ranking in rankings]
        given = {key: point for ranking in rankings for key, point in ranking.points.items()}
        missing = [UUID(bytes=key) for key in dict.fromkeys(chain(*keys)) if key not in given]
        if missing:
            given |= {key.bytes: point for key, point in self.read(missing, OUTLINED, model).items()}
        points = {key: given[key] for key in dict.fromkeys(chain(*keys)) if key in given}
        rows = {key: row for row, key in enumerate(points)}
        places = [np.array([rows.get(key, -1) for key in of_one], np.intp) for of_one in keys]
        return Outlines.of(list(points.values()), model), places

    def page(
        self, wanted: Filter | None, offset: Any, fields: Sequence[str], model: str | None
    ) -> tuple[list[StoredPoint], Any]:
        """Read some fields of the next points."""
        where, vectors = translate(wanted, _WORDS), self.about.names_with(model)
        records, offset = self._client.scroll(self._alias, where, BATCH, None, offset, list(fields), vectors)
        return [stored_point(record.payload, record.vector, model) for record in records], offset

    def listed_by_id(self, wanted: Filter | None, field: str, start: UUID, limit: int) -> list[Listed]:
        """List points in the order of their keys."""
        return self._listed(wanted, field, limit, offset=str(start))

    def listed_by_value(self, wanted: Filter | None, order: Order, start: Value | None, limit: int) -> list[Listed]:
        """List points in the order of a field."""
        direction = models.Direction.DESC if order.descending else models.Direction.ASC
        by = models.OrderBy(key=order.field, direction=direction, start_from=start)
        return self._listed(wanted, order.field, limit, order_by=by)

    def _listed(self, wanted: Filter | None, field: str, limit: int, **how: Any) -> list[Listed]:
        where, fields = translate(wanted, _WORDS), [Fields.ID, field]
        records, _ = self._client.scroll(self._alias, where, limit, with_payload=fields, with_vectors=False, **how)
        payloads = [record.payload or {} for record in records]
        return [Listed(payload[Fields.ID], values_of(payload, field)) for payload in payloads]

    def size(self) -> int:
        """Say how many points there were at the last look, which is not long ago."""
        if time.monotonic() - self._looked > FRESH:
            self._record.look()
        return self._size

    def any(self, wanted: Filter | None) -> bool:
        """Say whether some point passes."""
        found, _ = self._client.scroll(self._alias, translate(wanted, _WORDS), 1, None, None, False, False)
        return bool(found)

    def count(self, wanted: Filter | None) -> int:
        """Count points."""
        return self._client.count(self._alias, count_filter=translate(wanted, _WORDS), exact=True).count

    def tally(self, facets: Sequence[Facet], wanted: Filter | None) -> tuple[int, list[FacetCounts]]:
        """Count the points that pass, and those among them by each facet."""
        return self.count(wanted), [self._tallied(facet, wanted) for facet in facets]

    def _tallied(self, facet: Facet, wanted: Filter | None) -> FacetCounts:
        """Words are counted by the server, steps one by one."""
        if kind_of(facet.field) is AttrKind.WORD:
            where = translate(wanted, _WORDS)
            answer = self._client.facet(self._alias, facet.field, where, limit=_MOST_WORDS, exact=True)
            part = facet.containing.casefold()
            words = [(-hit.count, str(hit.value)) for hit in answer.hits if hit.count]
            found = sorted(one for one in words if part in one[1].casefold())
            counts = tuple(Count(word, -count) for count, word in found[: facet.limit])
            return FacetCounts(counts, others=len(found) - len(counts))
        orders = [Order(facet.field, descending) for descending in (False, True)]
        ends = [self.listed_by_value(wanted, order, None, 1) for order in orders]
        if not all(ends):
            return FacetCounts(())
        least, most = (end(map(value_of, one.values)) for end, (one,) in zip((min, max), ends, strict=True))
        if facet.step is None:
            return FacetCounts((), least, most)
        steps = self._steps(facet.field, facet.step, wanted, least)
        return FacetCounts.in_steps(facet, islice(steps, MOST_STEPS + 1), least, most)

    def _steps(self, field: str, step: Step, wanted: Filter | None, least: Value) -> Iterator[tuple[int, int]]:
        """Count step by step, leaping over those that are empty."""
        value: Value | None = least
        while value is not None:
            place = place_of(value, step)
            yield place, self.count(both(wanted, within(field, place, step)))
            start = start_or_none(place + 1, step)
            if start is None:
                return
            following = both(wanted, Range(field, at_least=start))
            listed = self.listed_by_value(following, Order(field, descending=False), start, 1)
            values: list[Any] = [value_of(value) for one in listed for value in one.values]
            value = min((value for value in values if value >= start), default=None)

    def index(self, field: str, kind: AttrKind) -> None:
        """Make a payload field one that can be filtered by."""
        params = _TENANTS if field == Fields.TENANT else _INDEXES[kind]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Payload indexes have no effect in the local", UserWarning)
            self._client.create_payload_index(self._own_name, field, params, **_DONE)

    def make_vector(self, vector: NamedVector, size: int) -> None:
        """Make room for a dense vector; a switch that was cut short may have left an old one of this name behind."""
        config = models.DenseVectorConfig(size=size, distance=_DISTANCES[vector.kind.measure])
        self.drop_vector(vector)
        self._client.create_vector_name(
            self._own_name, vector.name, models.DenseVectorNameConfig(dense=config), **_DONE
        )

    def drop_vector(self, vector: NamedVector) -> None:
        """Drop a dense vector from every point."""
        self._client.delete_vector_name(self._own_name, vector.name, **_DONE)

    def parts(self) -> Sequence[str]:
        """Describe the shards, where they lie and how they are."""
        return self._cluster.parts()

    def optimize(self, writing: Writing) -> None:  # noqa: ARG002
        """A server compacts and builds its graphs by itself, when it finds it worth while."""
        self._cluster.optimize()

    def backup(self, folder: Path, writing: Writing) -> Saved:
        """Fetch a snapshot."""
        with writing():
            return self._cluster.back_up(folder, self.count(None))

    def close(self) -> None:
        """Let go of the connection."""
        if self._owned:
            self._raw.close()

    def _create(self) -> str:
        """Make the collection and its alias, unless they are there; gives the collection's own name."""
        name = f"{self._alias}-1"
        if not self._client.collection_exists(self._alias):
            try:
                self._client.create_collection(
                    name,
                    vectors_config={},
                    sparse_vectors_config={WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                    **self._settings.layout(),
                    hnsw_config=_GRAPH,
                    strict_mode_config=_STRICT,
                    metadata=metadata_of(About()),
                )
            except ServerRefused:
                if not self._client.collection_exists(name):  # else another process was faster
                    raise
            alias = models.CreateAlias(collection_name=name, alias_name=self._alias)
            self._client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])
        known = {one.alias_name: one.collection_name for one in self._client.get_aliases().aliases}
        return known.get(self._alias, self._alias)

    def _create_indexes(self) -> None:
        """Index what is not indexed yet, since making the collection may have been cut short."""
        wanted = {
            **Fields.INDEXED,
            Fields.VERSION: AttrKind.NUMBER,
            **{path(kind, name): kind for kind, name in self.about.attrs},
        }
        indexed = {unquoted(field) for field in self._client.get_collection(self._alias).payload_schema}
        for field, kind in wanted.items():
            if unquoted(field) not in indexed:
                self.index(field, kind)

    def _metadata(self) -> Mapping[str, Any] | None:
        collection = self._client.get_collection(self._alias)
        self._size, self._looked = collection.points_count or 0, time.monotonic()
        return collection.config.metadata

    def _set_metadata(self, metadata: dict[str, Any]) -> None:
        self._client.update_collection(self._own_name, metadata=metadata)


def _connect(url: str, api_key: str | None, settings: ServerSettings) -> QdrantClient:
    port = grpc_port(url, settings.grpc_port)
    # The client compares versions in a thread of its own, and warns where nobody listens; `check_version` raises.
    return QdrantClient(
        url=url,
        api_key=api_key,
        timeout=math.ceil(settings.timeout),
        check_compatibility=False,
        prefer_grpc=port is not None,
        grpc_port=port or 0,
    )


def _arm_keys(hits: Sequence[models.ScoredPoint], model: str | None, *, with_points: bool) -> ArmKeys:
    keys = [UUID(str(hit.id)) for hit in hits]
    given = zip(keys, hits, strict=True) if with_points else ()
    points = {key.bytes: stored_point(hit.payload, hit.vector, model) for key, hit in given}
    return ArmKeys.of(keys, [hit.score for hit in hits], points=points)


def _operations(changes: Sequence[Change]) -> list[Any]:
    """The steps of changes."""
    payloads = [
        models.SetPayloadOperation(set_payload=models.SetPayload(payload=dict(change.payload), points=[change.key]))
        for change in changes
    ]
    silent: list[Any] = [change.key for change in changes if change.words is None]
    spoken = [
        models.PointVectors(id=change.key, vector={WORDS: _vector(change.words)})
        for change in changes
        if change.words is not None
    ]
    silence = models.DeleteVectorsOperation(delete_vectors=models.DeleteVectors(vector=[WORDS], points=silent))
    speech = models.UpdateVectorsOperation(update_vectors=models.UpdateVectors(points=spoken))
    return [*payloads, *([silence] if silent else []), *([speech] if spoken else [])]


def _no_newer(sent: Mapping[UUID, int]) -> models.Filter:
    """Points that are sent, where no newer version of them is stored."""
    by_version: dict[int, list[Any]] = {}
    for key, version in sent.items():
        by_version.setdefault(version, []).append(key)
    unversioned = models.IsEmptyCondition(is_empty=models.PayloadField(key=Fields.VERSION))
    groups = [
        models.Filter(
            must=[models.HasIdCondition(has_id=keys)],
            should=[unversioned, _Field(key=Fields.VERSION, range=models.Range(lte=version))],
        )
        for version, keys in by_version.items()
    ]
    return models.Filter(should=[*groups])


def _point(point: Packed) -> models.PointStruct:
    vectors: Any = {name: _vector(vector) for name, vector in point.vectors.items()}
    return models.PointStruct(id=point.key, vector=vectors, payload=dict(point.payload))


def _vector(vector: Vector) -> Any:
    if isinstance(vector, np.ndarray):
        return vector.tolist()
    indices, values = sparse(vector) if isinstance(vector, Mapping) else vector
    return models.SparseVector(indices=indices, values=values)


_INDEXES: dict[AttrKind, Any] = {
    AttrKind.WORD: models.PayloadSchemaType.KEYWORD,
    AttrKind.NUMBER: models.PayloadSchemaType.FLOAT,
    AttrKind.TIME: models.PayloadSchemaType.DATETIME,
    AttrKind.PLACE: models.PayloadSchemaType.GEO,
    AttrKind.TEXT: models.TextIndexParams(
        type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True
    ),
}
_DISTANCES = {Measure.L1: models.Distance.MANHATTAN, Measure.COSINE: models.Distance.COSINE}
_TENANTS = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
_WORDS = Words(
    equals=lambda field, value: _Field(key=field, match=models.MatchValue(value=value)),
    any_of=lambda field, values: _Field(key=field, match=models.MatchAny(any=values)),
    numbers=lambda field, bounds: _Field(key=field, range=models.Range(**bounds)),
    times=lambda field, bounds: _Field(key=field, range=models.DatetimeRange(**bounds)),
    near=lambda near: _Field(
        key=near.field,
        geo_radius=models.GeoRadius(center=models.GeoPoint(lon=near.lon, lat=near.lat), radius=near.metres),
    ),
    contains=lambda field, text: _Field(key=field, match=models.MatchText(text=text)),
    points=lambda keys: models.HasIdCondition(has_id=list(keys)),
    has=lambda vector: models.HasVectorCondition(has_vector=vector),
    empty=lambda field: models.IsEmptyCondition(is_empty=models.PayloadField(key=field)),
    group=models.Filter,
)
