"""A watch beside the clock: it notices when the clock jumps, by a clock that cannot."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

JUMP: Final = timedelta(minutes=5)  # what is less is a clock that is set right


class ClockWatch:
    """Compares how far the time of day went with how far time went."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._last: tuple[datetime, float] | None = None

    def jump(self, now: datetime) -> timedelta | None:
        """How far the clock jumped since it was looked at last, forward or back; None where it went as time does."""
        elapsed = self._elapsed()
        last, self._last = self._last, (now, elapsed)
        if last is None:
            return None
        jump = now - last[0] - timedelta(seconds=elapsed - last[1])
        return jump if abs(jump) > JUMP else None
