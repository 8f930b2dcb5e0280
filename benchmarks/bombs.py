"""Sixty photo bombs at once, as questions and as takedowns, and what they cost.

That is the memory that the service and the processes which it started take on, how fast it refuses what is too much,
and how long /readyz takes meanwhile. The store is empty.

A PNG of 180 kB and 62 megapixels, and a progressive JPEG of as many and 12.6 MB, whose every coefficient is kept.
"""

import argparse
import asyncio
import base64
import json
import os
import statistics
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.load.servers import Server, product

BOMBS = 60
SIDE = 7900
ADDRESSES = {"/v1/search": {}, "/v1/takedowns": {"by": "bench", "reason": "order"}}


def png_bomb() -> bytes:
    """Little, that unpacks to 250 MB."""
    file = BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(file, "PNG")
    return file.getvalue()


def jpeg_bomb() -> bytes:
    """Noise in coarse grains, so that there is something in every scan."""
    grains = np.random.default_rng(0).integers(0, 256, (SIDE // 4, SIDE // 4, 3), np.uint8)
    file = BytesIO()
    photo = Image.fromarray(grains).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    photo.save(file, "JPEG", quality=20, progressive=True, subsampling=0)
    return file.getvalue()


def usual_photo() -> bytes:
    """What a visitor asks by."""
    file = BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()


def body_of(photo: bytes, more: dict[str, str]) -> bytes:
    """A photo as JSON carries it."""
    return json.dumps({**more, "photo": base64.b64encode(photo).decode()}).encode()


async def ask(port: int, method: str, path: str, body: bytes = b"") -> tuple[int, float]:
    """Ask over a connection of its own: the status, and the seconds from the head to the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    start = time.perf_counter()
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
    sent = asyncio.create_task(_send(writer, body))
    answer = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))
    seconds = time.perf_counter() - start
    await sent
    writer.close()
    return int(answer.split(maxsplit=2)[1]), seconds


async def _send(writer: asyncio.StreamWriter, body: bytes) -> None:
    for at in range(0, len(body), 2**16):
        writer.write(body[at : at + 2**16])
        await writer.drain()


class Attack:
    """One kind of bomb at one address."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.peak = server.memory_mb()
        self.ready: list[float] = []
        self.answers: list[tuple[int, float]] = []

    async def run(self, path: str, body: bytes) -> None:
        """Send all at once, and look at the service meanwhile."""
        watch = [asyncio.create_task(self._memory()), asyncio.create_task(self._readiness())]
        self.answers = await asyncio.gather(*(ask(self._server.port, "POST", path, body) for _ in range(BOMBS)))
        await asyncio.sleep(0.5)
        for task in watch:
            task.cancel()

    async def _memory(self) -> None:
        while True:
            self.peak = max(self.peak, await asyncio.to_thread(self._server.memory_mb))
            await asyncio.sleep(0.02)

    async def _readiness(self) -> None:
        while True:
            status, seconds = await ask(self._server.port, "GET", "/readyz")
            assert status == 200
            self.ready.append(seconds)
            await asyncio.sleep(0.02)


async def warmed(server: Server) -> float:
    """Start the processes that decode, and say what all take then."""
    body = body_of(usual_photo(), {})
    for _ in range(3):
        await asyncio.gather(*(ask(server.port, "POST", "/v1/search", body) for _ in range(4)))
    return server.memory_mb()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="questions alone")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    bombs = {"png": png_bomb(), "jpeg": jpeg_bomb()}
    table = Table("", "answers", "memory MB", "refused p50 ms", "/readyz max ms", title=Path(__file__).name)
    figures: dict[str, float] = {}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOSENSE_")}
    with TemporaryDirectory() as home, product(Path(home), environment) as server:
        for path in list(ADDRESSES)[: 1 if options.quick else None]:
            for kind, bomb in bombs.items():
                before = asyncio.run(warmed(server))
                attack = Attack(server)
                asyncio.run(attack.run(path, body_of(bomb, ADDRESSES[path])))
                statuses = Counter(status for status, _ in attack.answers)
                refused = 1000 * statistics.median(seconds for status, seconds in attack.answers if status == 503)
                said = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
                row = (f"+ {attack.peak - before:.0f}", f"{refused:.0f}", f"{1000 * max(attack.ready):.0f}")
                table.add_row(f"{kind}, {len(bomb) / 1e6:.1f} MB, {path}", said, *row)
                name = f"{kind}_{path.rpartition('/')[2]}"
                figures |= {
                    f"{name}_mb": attack.peak - before,
                    f"{name}_refused_ms": refused,
                    f"{name}_readyz_ms": 1000 * max(attack.ready),
                }
    Console().print(table)
    if options.json:
        print(json.dumps({name: round(value, 1) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
