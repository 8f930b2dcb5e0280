"""Visitors: they keep their connections open and ask without pause, and somebody looks after the service's health."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote

import numpy as np

from benchmarks.load.home import VISITOR

_PAUSE = 0.01  # seconds between two looks at the health


@dataclass(frozen=True, slots=True)
class Asked:
    """What visitors waited for: milliseconds of each answer, and how many there were a second."""

    milliseconds: list[float]
    a_second: float = 0.0

    @property
    def p50(self) -> float:
        """What half of them waited."""
        return statistics.median(self.milliseconds)

    @property
    def p99(self) -> float:
        """What one in a hundred waited longer than."""
        return float(np.quantile(self.milliseconds, 0.99))


def requests(texts: Iterable[str | None], **more: object) -> Iterator[bytes]:
    """The questions as HTTP, over and over."""
    bodies = (json.dumps({"text": text, "country": VISITOR.code, **more}).encode() for text in texts)
    return cycle(
        b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        for body in bodies
    )


def beginnings(texts: Iterable[str]) -> Iterator[bytes]:
    """The same questions while they are typed: cut within their last words."""
    parts = (text[: len(text) - len(text.split()[-1]) + 2 + number % 3] for number, text in enumerate(texts))
    return cycle(
        f"GET /v1/suggest?q={quote(part)}&country={VISITOR.code} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for part in parts
    )


def ask(port: int, questions: Iterator[bytes], connections: int, seconds: float) -> Asked:
    """Ask for so long over so many connections; a quarter of that time before, nothing is counted."""
    return asyncio.run(_ask(port, questions, connections, seconds))[0]


def ask_and_look(port: int, questions: Iterator[bytes], connections: int, seconds: float) -> tuple[Asked, Asked]:
    """The same, with looks at the service's health beside."""
    asked, health = asyncio.run(_ask(port, questions, connections, seconds, look=True))
    return asked, health


async def _ask(
    port: int, questions: Iterator[bytes], connections: int, seconds: float, *, look: bool = False
) -> tuple[Asked, Asked]:
    begin = time.perf_counter() + seconds / 4
    end = begin + seconds
    asking = [_one_visitor(port, questions, begin, end) for _ in range(connections)]
    health = iter(lambda: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"")
    looking = [_one_visitor(port, health, begin, end, _PAUSE)] if look else []
    times = await asyncio.gather(*looking, *asking)
    return _asked(times[len(looking) :], end, seconds), _asked(times[: len(looking)], end, seconds)


def _asked(times: Iterable[list[tuple[float, float]]], end: float, seconds: float) -> Asked:
    spans = [span for of_one in times for span in of_one]
    return Asked([1000 * (done - start) for start, done in spans], sum(done <= end for _, done in spans) / seconds)


async def _one_visitor(
    port: int, questions: Iterator[bytes], begin: float, end: float, pause: float = 0.0
) -> list[tuple[float, float]]:
    """Ask on until the end; gives when each question was sent and answered. The last answer is waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    spans: list[tuple[float, float]] = []
    while (start := time.perf_counter()) < end or not spans:
        writer.write(next(questions))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(maxsplit=1)[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(f"The server answered {head[:20]!r}, {body[:200]!r}: nothing can be measured.")
        if start >= begin:
            spans.append((start, time.perf_counter()))
        if pause:
            await asyncio.sleep(pause)
    writer.close()
    return spans
