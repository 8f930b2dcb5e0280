"""Stages: work that goes on in a thread while its results are used, so many results ahead and no more."""

import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from queue import Full, Queue
from typing import TypeVar

T = TypeVar("T")
_BLINK = 0.1  # seconds until a thread looks again whether anybody still wants its results


def ahead(work: Iterable[T], depth: int = 1) -> Generator[T, None, None]:
    """Go through `work` in a thread; an error in there comes out here, and the thread ends when nobody listens."""
    results: Queue[tuple[T | None, BaseException | None, bool]] = Queue(depth)
    unwanted = threading.Event()

    def put(value: T | None, error: BaseException | None = None, last: bool = False) -> bool:
        while not unwanted.is_set():
            try:
                results.put((value, error, last), timeout=_BLINK)
                return True
            except Full:
                continue
        return False

    def run() -> None:
        items = iter(work)
        try:
            for item in items:
                if not put(item):
                    break
            else:
                put(None, last=True)
        except BaseException as error:  # whatever it is, it belongs to whoever waits
            put(None, error, last=True)
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while True:
            value, error, last = results.get()
            if error is not None:
                raise error
            if last:
                return
            yield value  # type: ignore[misc]
    finally:
        unwanted.set()
        thread.join()


class Seconds:
    """How long each stage worked, whoever waited for it; stages run beside each other, so the sum may be more."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()
        self._adding = threading.Lock()

    def add(self, stage: str, seconds: float) -> None:
        """Count seconds for a stage."""
        with self._adding:
            self._seconds[stage] += seconds  # type: ignore[assignment]

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count the time of a block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - start)

    def read(self) -> dict[str, float]:
        """Give the seconds of each stage."""
        with self._adding:
            return dict(self._seconds)
