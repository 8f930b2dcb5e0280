"""Writers: a file of posts over HTTP in one request, the same file by `photosense ingest`, and one beside visitors."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

import orjson

from photosense.commands.ingest import take_posts
from photosense.house import open_house
from photosense.settings import Settings

_LINES = 64  # that are sent at once
_REQUEST = 500  # lines of one request beside visitors: one without end would wait in the system's buffers


def upload(port: int, lines: Iterable[bytes]) -> Counter[str]:
    """Send posts in one request; gives what became of them."""
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    rest = iter(lines)
    parts = iter(lambda: b"".join(islice(rest, _LINES)), b"")
    connection.request("POST", "/v1/posts:bulk", parts, {"Content-Type": "application/x-ndjson"}, encode_chunked=True)
    outcomes = Counter(orjson.loads(line)["status"] for line in connection.getresponse())
    connection.close()
    if outcomes["failed"]:
        raise SystemExit(f"The bulk was not taken ({dict(outcomes)}): look at the server's messages.")
    return outcomes


def http_rate(port: int, file: Path) -> float:
    """Posts a second over HTTP, acknowledged."""
    with file.open("rb") as lines:
        began = time.perf_counter()
        count = upload(port, lines).total()
        return count / (time.perf_counter() - began)


def ingest_rate(settings: Settings, warming: Path, file: Path) -> float:
    """Posts a second by what `photosense ingest` runs; it is warm, as a server is."""
    with open_house(settings) as house:
        take_posts(house, warming)
        began = time.perf_counter()
        return take_posts(house, file).lines / (time.perf_counter() - began)


class Writer(threading.Thread):
    """Sends posts for as long as visitors are measured, a request after the other."""

    def __init__(self, port: int, file: Path) -> None:
        super().__init__()
        self._port, self._file = port, file
        self._until = threading.Event()
        self.rate = 0.0
        self.dry = False  # whether the posts were over before the visitors were

    def run(self) -> None:
        """Send until there is word to stop."""
        began, count = time.perf_counter(), 0
        with self._file.open("rb") as lines:
            while (request := list(islice(lines, _REQUEST))) and not self._until.is_set():
                count += upload(self._port, request).total()
        self.dry = not request
        self.rate = count / (time.perf_counter() - began)

    def stop(self) -> None:
        """Send no more, and wait for what became of the last."""
        self._until.set()
        self.join()
