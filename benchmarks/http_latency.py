"""A text query over HTTP on the demo's posts, beside an empty FastAPI route on the same server: p50, p99 and ratio.

Two processes: a server (uvicorn, one worker) and this client, which keeps its connections open and asks without pause.
The demo's home folder is made first when it is not there (PHOTOSENSE_HOME, default ./photosense-data).
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from rich.console import Console
from rich.table import Table

from demo.run import prepare
from photosense.house import open_house
from photosense.server import listen, make_server
from photosense.settings import Settings, load_settings

QUERIES = ("закат над морем", "snowy mountain peaks", "огни ночного города", "лодка", "coffee on the table", "туман")
CONNECTIONS = (1, 8, 16)
WARMING = 20  # questions of each connection that are not timed


def serve_posts(settings: Settings, port: int) -> None:
    """Serve the demo's posts."""
    with open_house(settings) as house:
        make_server(house.app(), settings).run(sockets=[listen("127.0.0.1", port)])


def serve_empty(settings: Settings, port: int) -> None:
    """Serve a route that does nothing."""
    app = FastAPI()

    @app.post("/v1/search")
    async def empty() -> Response:
        return Response(b"{}", media_type="application/json")

    make_server(app, settings).run(sockets=[listen("127.0.0.1", port)])


def measure(serve: Callable[[Settings, int], None], settings: Settings, port: int, seconds: float) -> dict[int, Any]:
    """Start a server, ask it with each number of connections, and stop it."""
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(settings, port))
    server.start()
    try:
        wait_for(port, server)
        return {count: asyncio.run(load(port, count, seconds)) for count in CONNECTIONS}
    finally:
        server.terminate()
        server.join()


def wait_for(port: int, server: Any) -> None:
    """Wait until the server answers, whatever it answers."""
    for _ in range(300):
        if not server.is_alive():
            raise SystemExit("the server did not start: see its message above")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not answer within 30 seconds")


async def load(port: int, connections: int, seconds: float) -> list[float]:
    """Ask over so many connections at once for so long; returns milliseconds of each answer."""
    milliseconds: list[float] = []
    until = time.perf_counter() + seconds

    async def ask_on() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        questions = 0
        while time.perf_counter() < until:
            body = json.dumps({"text": QUERIES[questions % len(QUERIES)], "country": "DE"}).encode()
            head = (
                f"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            )
            start = time.perf_counter()
            writer.write(f"{head}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")
            )
            assert answer.startswith(b"HTTP/1.1 200")
            await reader.readexactly(length)
            if questions >= WARMING:
                milliseconds.append((time.perf_counter() - start) * 1000)
            questions += 1
        writer.close()

    await asyncio.gather(*(ask_on() for _ in range(connections)))
    return milliseconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seconds for each figure")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    settings = prepare(load_settings()[0], posts=600)
    seconds = 2.0 if options.quick else 8.0
    posts = measure(serve_posts, settings, 49410, seconds)
    empty = measure(serve_empty, settings, 49411, seconds)
    headings = ("connections", "search p50 ms", "p99", "a second", "empty p50 ms", "p99", "ratio of medians")
    table = Table(*headings, title=Path(__file__).name)
    figures: dict[str, float] = {}
    for count in CONNECTIONS:
        ours, theirs = posts[count], empty[count]
        p50, empty_p50 = statistics.median(ours), statistics.median(theirs)
        rate = (len(ours) + count * WARMING) / seconds
        table.add_row(
            *(str(count), f"{p50:.2f}", f"{p99(ours):.2f}", f"{rate:.0f}"),
            *(f"{empty_p50:.2f}", f"{p99(theirs):.2f}", f"{p50 / empty_p50:.1f}"),
        )
        figures |= {f"p50_ms_{count}": p50, f"empty_p50_ms_{count}": empty_p50, f"rps_{count}": rate}
    figures["p50_ms"] = figures["p50_ms_1"]
    figures["search_vs_empty"] = p50 / empty_p50
    Console().print(table)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def p99(milliseconds: list[float]) -> float:
    """The value that one in a hundred exceeds."""
    return sorted(milliseconds)[int(len(milliseconds) * 0.99)]


if __name__ == "__main__":
    main()
