"""A crowd: requests that come at a rate, whether those before are answered or not, and somebody looks at the health."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

_PAUSE = 0.2  # seconds between two looks at the health: each costs the store a search
_TICK = 0.01
_MOST_OPEN = 2000  # connections: who finds no other opens one more


@dataclass(frozen=True, slots=True)
class Reply:
    """One request: when it was sent and answered, in seconds of the clock, and what was said."""

    sent: float
    done: float
    status: int
    says_when: bool  # whether it tells when to come again

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return 1000 * (self.done - self.sent)


_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Crowd:
    """What became of the requests of a crowd, of the looks at the health meanwhile, and of the memory."""

    replies: list[Reply] = field(default_factory=list)
    health: list[Reply] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    own_lag_ms: float = 0.0  # the longest that this process itself kept an answer waiting

    def of(self, *statuses: int) -> list[Reply]:
        """The replies of these statuses."""
        return [reply for reply in self.replies if reply.status in statuses]


def quantile(replies: Sequence[Reply], share: float) -> float:
    """The milliseconds that so large a share of the replies took at most; 0 of none."""
    return float(np.quantile([reply.milliseconds for reply in replies], share)) if replies else 0.0


def full_house(port: int, requests: Iterator[bytes], visitors: int, seconds: float) -> Crowd:
    """So many visitors ask without pause for so long."""
    return asyncio.run(_full_house(port, requests, visitors, seconds))


async def _full_house(port: int, requests: Iterator[bytes], visitors: int, seconds: float) -> Crowd:
    crowd, end = Crowd(), time.perf_counter() + seconds

    async def visit() -> None:
        line: list[_Line] = []
        while time.perf_counter() < end:
            await _ask(port, next(requests), line, crowd.replies)
        for _, writer in line:
            writer.close()

    await asyncio.gather(*(visit() for _ in range(visitors)))
    return crowd


def throng(
    port: int, requests: Iterator[bytes], rate: float, seconds: float, memory: Callable[[], float] | None = None
) -> Crowd:
    """Send so many requests a second for so long, at times that chance decides; every answer is waited for."""
    return asyncio.run(_throng(port, requests, rate, seconds, memory))


async def _throng(
    port: int, requests: Iterator[bytes], rate: float, seconds: float, memory: Callable[[], float] | None
) -> Crowd:
    crowd, chance, free = Crowd(), random.Random(17), list[_Line]()
    begin = time.perf_counter()
    beside = [asyncio.create_task(_look(port, crowd)), asyncio.create_task(_own_lag(crowd))]
    if memory is not None:
        beside.append(asyncio.create_task(_weigh(crowd, memory)))
    sent, due = list[asyncio.Task[None]](), 0.0
    while (due := due + chance.expovariate(rate)) < seconds:
        await asyncio.sleep(max(0.0, begin + due - time.perf_counter()))
        if len(sent) - len(crowd.replies) < _MOST_OPEN:
            sent.append(asyncio.create_task(_ask(port, next(requests), free, crowd.replies)))
    await asyncio.gather(*sent)
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    for _, writer in free:
        writer.close()
    return crowd


async def _ask(port: int, request: bytes, free: list[_Line], replies: list[Reply]) -> None:
    reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", port)
    sent = time.perf_counter()
    writer.write(request)
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        done = time.perf_counter()  # what was decided is known now
        await _rest(reader, head)
    except (OSError, asyncio.IncompleteReadError):
        replies.append(Reply(sent, time.perf_counter(), 0, says_when=False))
        writer.close()
        return
    except asyncio.CancelledError:
        writer.close()
        raise
    status, says_when = int(head.split(maxsplit=2)[1]), b"\r\nretry-after:" in head
    if status == 200:
        done = time.perf_counter()
    replies.append(Reply(sent, done, status, says_when))
    free.append((reader, writer))


async def _rest(reader: asyncio.StreamReader, head: bytes) -> None:
    """Read what follows a head, whether its length was told or it comes in pieces."""
    if b"content-length:" in head:
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(maxsplit=1)[0]))
        return
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


async def _look(port: int, crowd: Crowd) -> None:
    """Look at both addresses of the health, over a connection that is kept."""
    free: list[_Line] = []
    try:
        while True:
            for address in (b"healthz", b"readyz"):
                await _ask(port, b"GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % address, free, crowd.health)
            await asyncio.sleep(_PAUSE)
    finally:
        for _, writer in free:
            writer.close()


async def _own_lag(crowd: Crowd) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_TICK)
        crowd.own_lag_ms = max(crowd.own_lag_ms, 1000 * (time.perf_counter() - began - _TICK))


async def _weigh(crowd: Crowd, memory: Callable[[], float]) -> None:
    while True:
        crowd.memory_mb.append(await asyncio.to_thread(memory))
        await asyncio.sleep(2.5 * _PAUSE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Half a second: what half of its requests took at most, and how many were not served."""

    p50: float
    unserved: int

    def is_rougher(self, usual: "Stretch") -> bool:
        """Whether it was slower than usual, or more were turned away."""
        return self.p50 > usual.p50 or self.unserved > usual.unserved


def stretches(replies: Iterable[Reply], since: float, width: float = 0.5) -> dict[int, Stretch]:
    """Each stretch of so many seconds, by its number."""
    parts: dict[int, list[Reply]] = {}
    for reply in replies:
        parts.setdefault(int((reply.sent - since) // width), []).append(reply)
    return {
        number: Stretch(quantile(part, 0.5), sum(reply.status != 200 for reply in part))
        for number, part in parts.items()
    }


def roughest(replies: Sequence[Reply], slower: float) -> Stretch:
    """The worst that chance did to requests that nobody crowded, or so many times as slow as half of all were."""
    parts = stretches(replies, min(reply.sent for reply in replies)).values()
    usual = slower * quantile([reply for reply in replies if reply.status == 200], 0.5)
    return Stretch(max(usual, *(part.p50 for part in parts)), max(part.unserved for part in parts))


def calm_after(replies: Iterable[Reply], since: float, usual: Stretch, width: float = 0.5) -> float:
    """After how many seconds no stretch was rougher than usual any more."""
    rough = [number for number, part in stretches(replies, since, width).items() if part.is_rougher(usual)]
    return (max(rough) + 1) * width if rough else 0.0
