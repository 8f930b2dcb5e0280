"""A server that answers as a test has written down: refusals, answers that break off, answers of other programs."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered to one request; `breaks` cuts the connection before the body is whole."""

    status: int = 200
    body: str = "{}"
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class MoodyService:
    """Its address, and what it was asked: method, path, headers and body of each request."""

    url: str
    requests: list[tuple[str, str, dict[str, str], bytes]]


def refusal(status: int, code: str, **headers: str) -> Reply:
    """A problem of the service."""
    problem = {"type": "about:blank", "title": "No", "status": status, "code": code, "detail": f"It is {code}."}
    return Reply(status, json.dumps(problem), "application/problem+json", headers)


def line_results(*statuses: str, breaks: bool = False, status: int = 200, **headers: str) -> Reply:
    """Results of a bulk, one a line."""
    lines = [json.dumps({"line": n, "id": f"p{n}", "status": one}) + "\n" for n, one in enumerate(statuses, 1)]
    return Reply(status, "".join(lines), "application/x-ndjson", headers, breaks)


@contextmanager
def moody_service(replies: Sequence[Reply]) -> Iterator[MoodyService]:
    """Answer one request after the other, the last reply for ever."""
    waiting = list(replies)
    requests: list[tuple[str, str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            requests.append((self.command, self.path, dict(self.headers), body))
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            content = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.media, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) + (10 if reply.breaks else 0)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = reply.breaks

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield MoodyService(f"http://127.0.0.1:{server.server_port}/", requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
