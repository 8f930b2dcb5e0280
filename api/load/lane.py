"""A lane: so many at once, so many who wait for their turn, and a refusal at once for everybody else."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from api.errors import Busy, Stopping
from api.load.stop import Stop

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """Turns for one kind of work, in the order of those who ask.

    Nobody waits longer than so many seconds, nor once the service has stopped. It has threads of its own, so that what
    crowds one lane leaves the others free.
    """

    def __init__(self, kind: str, at_once: int, waiting: int, seconds: float, stop: Stop) -> None:
        self.kind = kind
        self._at_once = at_once
        self._most_waiting = waiting
        self._seconds = seconds
        self._stop = stop
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._threads = CapacityLimiter(at_once)

    @property
    def running(self) -> int:
        """How many have their turn now."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait for theirs."""
        return len(self._waiting)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block runs."""
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    def check_place(self) -> None:
        """Refuse at once whoever would find no place, before anything is done for them."""
        if self._running >= self._at_once and len(self._waiting) >= self._most_waiting:
            raise Busy(self.kind)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something in a thread when its turn has come."""
        async with self.turn():
            return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._threads)

    async def run_here(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something that takes a few milliseconds when its turn has come: alone on the loop, in a crowd in a thread.

        A thread costs more than it gives to who is alone. Of several one computes while another waits for the store,
        and the loop is free to let in, or to refuse, whoever comes.
        """
        async with self.turn():
            await asyncio.sleep(0)
            if self._is_crowded:
                return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._threads)
            return work(*args, **kwargs)

    @property
    def _is_crowded(self) -> bool:
        return self._running > 1 or bool(self._waiting)

    async def _enter(self) -> None:
        if self._running < self._at_once:
            self._running += 1
            return
        self.check_place()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await self._stop.waiting(turn, self._seconds)
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came in that very moment: the next one has it
                self._leave()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise Stopping if self._stop.over else Busy(self.kind) from None
            raise

    def _leave(self) -> None:
        """Hand the turn on to who waits longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # else whoever waited has gone
                turn.set_result(None)
                return
        self._running -= 1
