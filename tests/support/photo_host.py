"""A host of photos on this machine that answers in all the ways that a host should not."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

PHOTO = bytes(range(256)) * 40


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append((self.headers["Host"], self.path))  # type: ignore[attr-defined]
        name = self.path.strip("/").partition("?")[0]
        getattr(self, f"_{name}", self._missing)()

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _photo(self) -> None:
        self._send(PHOTO)

    def _missing(self) -> None:
        self._send(b"<html>not found</html>", 404)

    def _moved(self) -> None:
        self._send(b"", 302, Location="/photo")

    def _elsewhere(self) -> None:
        self._send(b"", 302, Location=self.path.partition("?to=")[2])

    def _round(self) -> None:
        self._send(b"", 302, Location="/round")

    def _nowhere(self) -> None:
        self._send(b"", 302)

    def _zipped(self) -> None:
        self._send(gzip.compress(PHOTO), Content_Encoding="gzip")

    def _bomb(self) -> None:
        self._send(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

    def _not_zipped(self) -> None:
        self._send(PHOTO, Content_Encoding="gzip")

    def _strange(self) -> None:
        self._send(PHOTO, Content_Encoding="br")

    def _large(self) -> None:
        self._send(bytes(200_000))

    def _cut(self) -> None:
        self._send(PHOTO, Content_Length=str(len(PHOTO) + 10))
        self.close_connection = True

    def _trickle(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(1000))

    def _slow_body(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self._drip(bytes(1000))

    def _drip(self, data: bytes) -> None:
        self.close_connection = True
        for byte in data:
            if self.server.over.wait(0.02):  # type: ignore[attr-defined]
                return
            try:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            except OSError:
                return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.requests: list[tuple[str, str]] = []
        self.over = threading.Event()

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what is tested."""


@contextmanager
def photo_host(context: SSLContext | None = None) -> Iterator[_Server]:
    """Serve on a free port until the block ends."""
    server = _Server()
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        time.sleep(0)
