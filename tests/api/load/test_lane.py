"""So many at once, so many who wait, in order; everybody else is refused at once."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from api.errors import Busy, Stopping
from api.load.lane import Lane
from api.load.stop import Stop

LONG = 3600.0


def lane_of(at_once: int, waiting: int, seconds: float = LONG, *, kind: str = "", stop: Stop | None = None) -> Lane:
    return Lane(kind, at_once, waiting, seconds, stop or Stop())


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


async def turns() -> None:
    """Let everybody get on who can."""
    for _ in range(5):
        await asyncio.sleep(0)


class Visitors:
    """Who enters a lane, and stays until they are let go."""

    def __init__(self, lane: Lane) -> None:
        self.inside: list[int] = []
        self._lane = lane
        self._leave: dict[int, asyncio.Event] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def come(self, *numbers: int) -> None:
        for number in numbers:
            self._leave[number] = asyncio.Event()
            self._tasks[number] = asyncio.create_task(self._stay(number))
        await turns()

    async def go(self, *numbers: int) -> None:
        for number in numbers:
            self._leave[number].set()
            await self._tasks[number]
        await turns()

    async def give_up(self, number: int) -> None:
        self._tasks[number].cancel()
        await turns()

    async def _stay(self, number: int) -> None:
        async with self._lane.turn():
            self.inside.append(number)
            try:
                await self._leave[number].wait()
            finally:
                self.inside.remove(number)


def test_turns_come_in_order() -> None:
    """Whoever leaves hands on to who waits longest; the lane is as free as before when all have gone."""

    async def story() -> None:
        visitors = Visitors(lane_of(2, 3))
        for _ in range(2):
            await visitors.come(1, 2, 3, 4, 5)
            assert visitors.inside == [1, 2]
            await visitors.go(2)
            assert visitors.inside == [1, 3]
            await visitors.go(1, 3)
            assert visitors.inside == [4, 5]
            await visitors.go(4, 5)

    run(story)


def test_who_finds_the_lane_full_is_refused_at_once() -> None:
    """With a sentence; whoever waits already stays in line."""

    async def story() -> None:
        lane = lane_of(1, 1, kind="searches")
        visitors = Visitors(lane)
        await visitors.come(1, 2)
        with pytest.raises(Busy, match="as many searches under way as can be done: ask again"):
            await lane._enter()
        await visitors.go(1)
        assert visitors.inside == [2]
        await visitors.go(2)

    run(story)


def test_nobody_waits_longer_than_was_said() -> None:
    """Then they are refused, and their place in line is free."""

    async def story() -> None:
        lane = lane_of(1, 1, 0.001)
        async with lane.turn():
            for _ in range(3):
                with pytest.raises(Busy):
                    await lane._enter()
        async with lane.turn():
            pass

    run(story)


def test_whoever_waits_when_the_service_stops_is_told() -> None:
    """That it is over, and not that there is much to do; who has a turn already ends it."""

    async def story() -> None:
        stop = Stop()
        lane = lane_of(1, 2, stop=stop)
        async with lane.turn():
            waiting = [asyncio.create_task(lane._enter()) for _ in range(2)]
            await turns()
            stop.now()
            ends = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(end) for end in ends] == [Stopping] * 2
        assert (lane.running, lane.waiting) == (0, 0)

    run(story)


def test_who_gives_up_leaves_no_gap() -> None:
    """In line, or in the very moment in which the turn comes."""

    async def story() -> None:
        visitors = Visitors(lane_of(1, 5))
        await visitors.come(1, 2, 3, 4)
        await visitors.give_up(3)
        visitors._leave[1].set()
        visitors._tasks[2].cancel()  # before it learns that it is its turn, or after: the loop decides
        await turns()
        assert visitors.inside == [4]
        visitors._leave[4].set()
        await visitors.come(5)
        visitors._tasks[5].cancel()
        await turns()
        await visitors.come(6)
        assert visitors.inside == [6]
        await visitors.go(6)

    run(story)


def test_a_turn_that_comes_with_the_end_of_patience_is_handed_on() -> None:
    """Nobody loses it, and nobody has it twice."""

    async def story() -> None:
        lane = lane_of(1, 9, 0.005)
        for _ in range(20):
            await lane._enter()
            waiting = [asyncio.create_task(lane._enter()) for _ in range(3)]
            await asyncio.sleep(0.005)
            lane._leave()
            done = await asyncio.gather(*waiting, return_exceptions=True)
            entered = [each for each in done if each is None]
            assert len(entered) == lane._running <= 1
            for _ in entered:
                lane._leave()
            assert lane._running == 0

    run(story)


def test_what_runs_on_the_loop_lets_others_in_first() -> None:
    """Those who come together are counted before the first of them begins, so that the lane can be full."""

    async def story() -> None:
        lane, done = lane_of(1, 2), list[int]()
        asked = [asyncio.create_task(lane.run_here(done.append, number)) for number in range(5)]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(end) for end in ends] == [type(None)] * 3 + [Busy] * 2
        assert done == [0, 1, 2]

    run(story)


def test_a_crowd_leaves_the_loop_free() -> None:
    """Who is alone is answered on the loop; of several each is in a thread, and nobody else waits for them."""

    async def story() -> None:
        lane, go, seen = lane_of(4, 0), threading.Event(), list[threading.Thread]()

        def work() -> None:
            seen.append(threading.current_thread())
            assert go.wait(30)

        asked = [asyncio.create_task(lane.run_here(work)) for _ in range(4)]
        while len(seen) < 4:
            await asyncio.sleep(0.001)  # the loop goes on while all four are at work
        go.set()
        await asyncio.gather(*asked)
        assert threading.current_thread() not in seen
        assert await lane.run_here(threading.current_thread) is threading.current_thread()

    run(story)


def test_work_runs_in_a_thread_of_its_own() -> None:
    """What it gives and what it raises come out, and the turn is free again."""

    async def story() -> None:
        lane = lane_of(1, 0)
        assert await lane.run(threading.current_thread) is not threading.current_thread()
        with pytest.raises(ZeroDivisionError):
            await lane.run(divmod, 1, 0)
        assert await lane.run(int, "7", base=8) == 7

    run(story)
