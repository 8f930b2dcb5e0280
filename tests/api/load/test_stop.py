"""The moment comes once, and wakes whoever waits for a client."""

import asyncio

import pytest

from api.load.stop import Stop


def test_what_comes_in_time_is_given() -> None:
    """Waiting changes nothing about what comes."""

    async def ask() -> int:
        return await Stop().waiting(asyncio.sleep(0, 7), 60)

    assert asyncio.run(ask()) == 7


def test_the_moment_wakes_all_who_wait() -> None:
    """However long they would have waited."""

    async def ask() -> list[int | BaseException]:
        stop = Stop()
        waits = [asyncio.ensure_future(stop.waiting(asyncio.Event().wait(), 3600)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not stop.over
        stop.now()
        stop.now()
        return await asyncio.gather(*waits, return_exceptions=True)

    assert [type(error) for error in asyncio.run(ask())] == [TimeoutError] * 3


def test_time_is_up() -> None:
    """Nobody waits longer than was said, and the moment that comes in the same turn does no harm."""

    async def ask() -> None:
        stop = Stop()
        wait = asyncio.ensure_future(stop.waiting(asyncio.Event().wait(), 0.001))
        asyncio.get_running_loop().call_later(0.001, stop.now)
        with pytest.raises(TimeoutError):
            await wait

    asyncio.run(ask())
