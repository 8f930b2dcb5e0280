"""Stop: the moment from which nobody who still sends a body is waited for."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Stop:
    """Comes once; whoever waits for a client is woken by it."""

    def __init__(self) -> None:
        self.over = False
        self._waits: set[asyncio.Timeout] = set()

    def now(self) -> None:
        """Let the moment come."""
        self.over = True
        for wait in self._waits:
            if not wait.expired():
                wait.reschedule(0)  # which is past: it ends in the next turn of the loop

    async def waiting(self, coming: Awaitable[T], seconds: float) -> T:
        """Wait so long for what comes from a client; TimeoutError when time is up, or when the moment comes."""
        async with asyncio.timeout(seconds) as wait:
            self._waits.add(wait)
            try:
                return await coming
            finally:
                self._waits.discard(wait)
