"""How long a server is waited for: a few tries with growing pauses, and none at all once it is known to be gone."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qdrant.errors import StoreDown
from qdrant.server.refusals import Passing, meant

ONCE = frozenset({"create_collection", "create_vector_name", "update_collection_aliases", "create_snapshot"})


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses double from `pause` on, within `deadline` seconds; after `failures` in a row nobody asks for `rest`."""

    tries: int = 4
    pause: float = 0.05
    deadline: float = 5.0
    failures: int = 8
    rest: float = 5.0


class Circuit:
    """Calls a server patiently. It opens when the server is gone: every call fails at once, until a rest is over."""

    def __init__(
        self,
        url: str,
        failures: tuple[type[Exception], ...],
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`failures` are the client's exceptions: none of them gets out as it is."""
        self._url, self._failures, self._patience = url, failures, patience or Patience()
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._failed = 0
        self._open_until = 0.0

    def call(self, method: Callable[[], Any], name: str) -> Any:
        """Call, and again while the failure may pass; what may not be done twice is tried once."""
        start, tries = self._clock(), 1 if name in ONCE else self._patience.tries
        for attempt in range(tries):
            self._check()
            try:
                result = method()
            except self._failures as error:
                ours = meant(error, self._url)
                if not isinstance(ours, Passing):
                    self._succeeded()  # it answers, if only with a refusal
                    raise ours from error
                self._count()
                pause = max(self._pause(attempt), ours.wait or 0.0)
                if attempt + 1 == tries or self._clock() + pause - start > self._patience.deadline:
                    raise ours from error
                self._sleep(pause)
            else:
                self._succeeded()
                return result
        raise AssertionError("there is at least one try")

    def _pause(self, attempt: int) -> float:
        return float(self._patience.pause * 2**attempt * random.uniform(0.5, 1.0))

    def _check(self) -> None:
        with self._lock:
            rest = self._open_until - self._clock()
            if rest > 0:
                raise StoreDown(
                    f"No answer from {self._url} for {self._failed} calls in a row: it is asked again in {rest:.0f} s. "
                    "Look whether the Qdrant server runs."
                )

    def _count(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed >= self._patience.failures:
                self._open_until = self._clock() + self._patience.rest

    def _succeeded(self) -> None:
        with self._lock:
            self._failed, self._open_until = 0, 0.0
