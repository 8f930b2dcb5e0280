"""A tiny gRPC server in the place of Qdrant's: it knows one collection and one hit, and remembers what it was asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from qdrant_client import grpc as messages
from qdrant_client.conversions.conversion import json_to_value
from qdrant_client.grpc.collections_service_pb2_grpc import CollectionsServicer, add_CollectionsServicer_to_server
from qdrant_client.grpc.points_service_pb2_grpc import PointsServicer, add_PointsServicer_to_server
from qdrant_client.grpc.qdrant_pb2_grpc import QdrantServicer, add_QdrantServicer_to_server

from qdrant.engine.about import About
from qdrant.points import Fields, point_id
from qdrant.server.record import metadata_of


@dataclass
class StandIn:
    """Answers as one collection of one post, or fails with a code."""

    about: About
    port: int = 0
    failing: grpc.StatusCode | None = None
    requests: list[Any] = field(default_factory=list)

    def check(self, request: Any, context: grpc.ServicerContext) -> None:
        self.requests.append(request)
        if self.failing:
            context.abort(self.failing, "as it was told")


class _Service(QdrantServicer):
    def HealthCheck(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's own names
        return messages.HealthCheckReply(title="qdrant", version="1.20.0")


class _Collections(CollectionsServicer):
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def CollectionExists(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._stand_in.check(request, context)
        return messages.CollectionExistsResponse(result=messages.CollectionExists(exists=True))

    def ListAliases(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._stand_in.check(request, context)
        return messages.ListAliasesResponse(aliases=[])

    def Get(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._stand_in.check(request, context)
        info = messages.CollectionInfo(status=messages.CollectionStatus.Green, segments_count=1, points_count=1)
        info.optimizer_status.ok = True
        info.config.params.vectors_config.params_map.SetInParent()
        info.config.params.shard_number = 1
        info.config.hnsw_config.m, info.config.hnsw_config.ef_construct = 32, 200
        info.config.hnsw_config.full_scan_threshold = 10_000
        info.config.wal_config.wal_capacity_mb, info.config.wal_config.wal_segments_ahead = 32, 0
        info.config.optimizer_config.deleted_threshold = 0.2
        info.config.optimizer_config.vacuum_min_vector_number = 1000
        info.config.optimizer_config.default_segment_number = 0
        info.config.optimizer_config.flush_interval_sec = 5
        for name, value in metadata_of(self._stand_in.about).items():
            info.config.metadata[name].CopyFrom(json_to_value(value))
        for name in (*Fields.INDEXED, Fields.VERSION):
            info.payload_schema[name].data_type = messages.PayloadSchemaType.Keyword
        return messages.GetCollectionInfoResponse(result=info)


class _Points(PointsServicer):
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def Count(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._stand_in.check(request, context)
        return messages.CountResponse(result=messages.CountResult(count=1))

    def QueryBatch(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._stand_in.check(request, context)
        fields = {"id": "a", "version": 2**53 + 1, "document": {"text": '{"sea": 1}'}}
        payload = {name: json_to_value(value) for name, value in fields.items()}
        hit = messages.ScoredPoint(id=messages.PointId(uuid=str(point_id("a"))), score=0.5, payload=payload)
        hit.vectors.vectors.vectors["theta_m1"].dense.data.extend([1.0, 0.0])
        answer = messages.BatchResult(result=[hit])
        return messages.QueryBatchResponse(result=[answer for _ in request.query_points])


@contextmanager
def serving_grpc(about: About) -> Iterator[StandIn]:
    """Serve on a free port of this machine."""
    stand_in = StandIn(about)
    server = grpc.server(ThreadPoolExecutor(2))
    add_QdrantServicer_to_server(_Service(), server)
    add_CollectionsServicer_to_server(_Collections(stand_in), server)
    add_PointsServicer_to_server(_Points(stand_in), server)
    stand_in.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield stand_in
    finally:
        server.stop(0).wait()
