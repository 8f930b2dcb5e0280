"""Spans of a request and its stages reach a collector, and hold nothing of what was asked; off, there are none."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.telemetry import traces
from api.telemetry.traces import traced

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector(HTTPServer):
    """Takes spans as any collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    def spans(self) -> dict[str, Span]:
        """What came, by name."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return {
            span.name: span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


class Receiver(BaseHTTPRequestHandler):
    """How it takes them."""

    server: Collector

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Listens on a port of its own."""
    with Collector() as here:
        threading.Thread(target=here.serve_forever, daemon=True).start()
        yield here
        here.shutdown()


def test_a_search_is_a_span_with_its_stages(site: TestClient, collector: Collector) -> None:
    """Under the caller's span, named by its address, with the id of the request."""
    with traced(collector.url, 1.0):
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "r-1"}
        assert site.post("/v1/search", json={"text": "море", "country": "IS"}, headers=headers).status_code == 200
    spans = collector.spans()
    assert set(spans) == {"POST /v1/search", "search.admit", "search.find", "search.order", "search.page"}
    request = spans.pop("POST /v1/search")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    assert {span.parent_span_id for span in spans.values()} == {request.span_id}
    values = {one.key: one.value.string_value or one.value.int_value for one in request.attributes}
    assert values == {
        "photosense.request_id": "r-1",
        "http.request.method": "POST",
        "http.route": "/v1/search",
        "http.response.status_code": 200,
    }


def test_no_span_holds_what_was_asked(site: TestClient, collector: Collector) -> None:
    """No question, no id of a post, no path that nobody made, and no words of an error that quotes them."""
    with traced(collector.url, 1.0):
        site.get("/v1/search", params={"q": "secretword девочка", "filter": "secretfield = 1"})
        site.get("/v1/posts/secretpost")
        site.get("/secretpath")
    assert {"GET /v1/search", "GET /v1/posts/{post_id}", "GET (no address)"} <= set(collector.spans())
    assert b"secret" not in b"".join(collector.bodies)
    assert "девочка".encode() not in b"".join(collector.bodies)


def test_a_share_of_the_requests_is_traced(site: TestClient, collector: Collector) -> None:
    """None of those that come without a trace where the share is 0."""
    with traced(collector.url, 0.0):
        site.get("/healthz")
    assert collector.bodies == []


def test_a_collector_that_is_away_costs_no_answer(site: TestClient) -> None:
    """Nobody listens on the discard port of this machine."""
    with traced("http://127.0.0.1:9/v1/traces", 1.0):
        assert site.get("/healthz").status_code == 200


def test_off_nothing_is_made() -> None:
    """Without an address there is no tracer, and a stage has no span."""
    with traced(None, 1.0), traces.stage_span("find") as span:
        assert span is None
