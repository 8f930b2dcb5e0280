"""Resting: what may take its time makes nobody wait."""

import time


class Rest:
    """Rests now and then, so that so many things a second are looked at."""

    def __init__(self, a_second: float) -> None:
        self._a_second, self._began, self._done = a_second, time.monotonic(), 0.0

    def __call__(self, things: float) -> None:
        """Note how many were looked at, and rest where that was faster than it should be."""
        self._done += things
        ahead = self._done / self._a_second - (time.monotonic() - self._began)
        if ahead > 0:
            time.sleep(ahead)
