"""A crowd comes at its rate whatever is answered, and what it was answered is told apart."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle

import pytest

from benchmarks.load.crowd import Reply, Stretch, calm_after, full_house, quantile, roughest, throng

ASKED = cycle([b"GET /v1/search HTTP/1.1\r\n\r\n"])


@pytest.fixture
def port() -> Iterator[int]:
    """A server that takes a bulk in pieces, and refuses every second other request with a time to come again."""
    count, ports, ready = 0, list[int](), threading.Event()
    over: list[Callable[[], object]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        with closing(writer):
            while head := await reader.readline():
                await reader.readuntil(b"\r\n")
                count += b"search" in head
                if b"bulk" in head:
                    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                elif b"search" in head and count % 2:
                    writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbusy")
                else:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def serve() -> None:
        end, loop = asyncio.Event(), asyncio.get_running_loop()
        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            ports.append(server.sockets[0].getsockname()[1])
            over.append(lambda: loop.call_soon_threadsafe(end.set))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60)
    yield ports[0]
    over[0]()
    thread.join()


def test_every_request_has_its_reply(port: int) -> None:
    """As many were refused as were served, each refusal tells when to come again, and the health was looked at."""
    crowd = throng(port, ASKED, 400, 0.5, lambda: 7.0)
    refused, served = crowd.of(503), crowd.of(200)
    assert len(crowd.replies) == len(refused) + len(served) > 100
    assert abs(len(refused) - len(served)) <= 1
    assert all(reply.says_when for reply in refused)
    assert not any(reply.says_when for reply in served)
    assert {reply.status for reply in crowd.health} == {200}
    assert set(crowd.memory_mb) == {7.0}


def test_a_full_house_reads_answers_in_pieces(port: int) -> None:
    """A bulk has no length; the connection is good for the next one."""
    crowd = full_house(port, cycle([b"POST /v1/posts:bulk HTTP/1.1\r\n\r\n"]), 3, 0.1)
    assert {reply.status for reply in crowd.replies} == {200}
    assert len(crowd.replies) > 3


def test_it_is_calm_when_no_stretch_is_rougher_than_usual_any_more() -> None:
    """Counted from the last stretch that was; one slow answer among many is none, nor as many refusals as usual."""
    quick = [Reply(10 + n / 10, 10 + n / 10 + 0.01, 200, says_when=False) for n in range(60)]
    usual, busy = Stretch(20, 0), Reply(12.1, 12.11, 503, says_when=True)
    assert calm_after(quick, 10, usual) == 0
    assert calm_after([*quick, Reply(12.1, 13, 200, says_when=False)], 10, usual) == 0
    assert calm_after([*quick, busy], 10, usual) == 2.5
    assert calm_after([*quick, busy], 10, Stretch(20, 1)) == 0
    slow = [Reply(11 + n / 100, 11.5, 200, says_when=False) for n in range(40)]
    assert calm_after([*quick, *slow], 10, usual) == 1.5
    assert quantile([], 0.99) == 0


def test_what_chance_did_before_is_usual() -> None:
    """The slowest stretch and the most refusals, and never less than half as slow again as most were."""
    quick = [Reply(10 + n / 10, 10 + n / 10 + 0.01, 200, says_when=False) for n in range(20)]
    burst = [Reply(11 + n / 100, 11.1 + n / 100, 200, says_when=False) for n in range(9)]
    assert roughest(quick, 1.5).p50 == pytest.approx(15)
    rough = roughest([*quick, *burst, Reply(11.2, 11.21, 503, says_when=True)], 1.5)
    assert (rough.p50, rough.unserved) == (pytest.approx(100), 1)
