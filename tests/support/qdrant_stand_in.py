"""A tiny HTTP server in the place of Qdrant: it answers what it was told to, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson

from qdrant.engine.about import About
from qdrant.points import Fields
from qdrant.server.record import metadata_of

COLLECTION = "/collections/photosense"
INDEXED = (*Fields.INDEXED, Fields.VERSION)


Answer = tuple[int, bytes]


@dataclass
class StandIn:
    """Answers by method and path; `*` stands for every other request."""

    answers: dict[str, Answer | Callable[[], Answer]]
    requests: list[tuple[str, dict]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


def result(value: object) -> Answer:
    """Wrap a value as Qdrant does."""
    return 200, orjson.dumps({"result": value, "status": "ok", "time": 0.0})


def refusal(sentence: str) -> bytes:
    """Word a refusal as Qdrant does."""
    return orjson.dumps({"status": {"error": sentence}, "time": 0.0})


def in_turn(*answers: Answer) -> Callable[[], Answer]:
    """Answer the first time with the first, and so on."""
    return iter(answers).__next__


def collection(about: About, indexed: Iterable[str] = INDEXED) -> Answer:
    """Describe a collection that carries this record."""
    optimizer = {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000, "default_segment_number": 0}
    return result(
        {
            "status": "green",
            "optimizer_status": "ok",
            "segments_count": 1,
            "config": {
                "params": {"vectors": {}},
                "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
                "optimizer_config": {**optimizer, "flush_interval_sec": 5},
                "metadata": metadata_of(about),
            },
            "payload_schema": {name: {"data_type": "keyword", "points": 0} for name in indexed},
        }
    )


def cluster(*elsewhere: int) -> Answer:
    """Describe one shard here, and these elsewhere."""
    local = [{"shard_id": 0, "points_count": 7, "state": "Active"}]
    remote = [{"shard_id": shard, "peer_id": 100 + shard, "state": "Active"} for shard in elsewhere]
    return result(
        {
            "peer_id": 1,
            "shard_count": 1 + len(elsewhere),
            "local_shards": local,
            "remote_shards": remote,
            "shard_transfers": [],
        }
    )


def healthy(about: About, indexed: Iterable[str] = INDEXED) -> dict[str, Answer | Callable[[], Answer]]:
    """Answer like a server whose collection exists and is empty."""
    return {
        "GET /": (200, orjson.dumps({"title": "qdrant", "version": "1.20.0"})),
        "GET /aliases": result({"aliases": []}),
        f"GET {COLLECTION}/cluster": cluster(),
        f"POST {COLLECTION}/points/count": result({"count": 0}),
        f"GET {COLLECTION}/exists": result({"exists": True}),
        f"GET {COLLECTION}": collection(about, indexed),
        f"POST {COLLECTION}/points": result([]),
        f"PUT {COLLECTION}": result(True),
        f"PATCH {COLLECTION}": result(True),
        "*": result({"operation_id": 1, "status": "completed"}),
    }


@contextmanager
def serving(answers: dict[str, Answer | Callable[[], Answer]]) -> Iterator[StandIn]:
    """Serve on a free port of this machine."""
    stand_in = StandIn(answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            stand_in.requests.append((f"{self.command} {self.path}", orjson.loads(body or b"{}")))
            stand_in.headers.append({name.lower(): value for name, value in self.headers.items()})
            answer = stand_in.answers.get(f"{self.command} {path}") or stand_in.answers["*"]
            status, refusal = answer() if callable(answer) else answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(refusal)))
            self.end_headers()
            self.wfile.write(refusal)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names http.server looks for

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
