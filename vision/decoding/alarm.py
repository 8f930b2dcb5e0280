"""Doing something about a block of code that takes too long, from outside of it."""

import threading
from collections.abc import Callable
from typing import Self


class Alarm:
    """Rings unless the block ends in time; `rang` tells afterwards."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self.rang = False
        self._ring = ring
        self._timer = threading.Timer(seconds, self._now)
        self._timer.daemon = True

    def _now(self) -> None:
        self.rang = True
        self._ring()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
