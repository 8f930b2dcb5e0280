"""Readers: lines read in processes of their own, in order and a few batches ahead of whoever takes them."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import Final, NamedTuple

from ingest.draft import Draft
from ingest.errors import WorkerLost
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader

ALONE: Final = 24  # batches that are read here first: most files are over before processes would pay


class Batch(NamedTuple):
    """Lines that were read together, and how many seconds that took."""

    drafts: list[Draft]
    seconds: float


class Readers:
    """A reader in so many processes; with none, lines are read here."""

    def __init__(self, reader: Reader, processes: int) -> None:
        self._reader = reader
        self._processes = processes

    def read(self, batches: Iterable[Sequence[InputLine]]) -> Iterator[Batch]:
        """Read batches in their order; a file that goes on gets the processes."""
        rest = iter(batches)
        for lines in islice(rest, ALONE) if self._processes else rest:
            yield _timed(self._reader, lines)
        for lines in rest:
            yield from self._read_ahead(chain([lines], rest))

    def _read_ahead(self, batches: Iterable[Sequence[InputLine]]) -> Iterator[Batch]:
        pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _begin, (self._reader,))
        waiting: deque[tuple[Sequence[InputLine], Future[Batch]]] = deque()
        most = self._processes + 1
        try:
            started = [pool.submit(_read, ()) for _ in range(self._processes)]  # which takes them seconds
            for lines in batches:
                if len(waiting) < most and all(process.done() for process in started):
                    waiting.append((lines, pool.submit(_read, lines)))
                else:  # all are busy, so we are as well
                    here: Future[Batch] = Future()
                    here.set_result(_timed(self._reader, lines))
                    waiting.append((lines, here))
                while len(waiting) >= most and (waiting[0][1].done() or len(waiting) >= 2 * most):
                    yield _whole(*waiting.popleft())
            while waiting:
                yield _whole(*waiting.popleft())
        except BrokenProcessPool as broken:
            raise WorkerLost(
                "A process that reads lines has died, perhaps for want of memory: what was acknowledged is stored; "
                "run the command again, it goes on from there."
            ) from broken
        finally:
            pool.shutdown(cancel_futures=True)


_here: list[Reader] = []  # the reader of a process that was started for it


def _begin(reader: Reader) -> None:
    """Set a process up: it leaves Ctrl-C to whoever started it, and ends when that one does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _here[:] = [reader]


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(lines: Sequence[InputLine]) -> Batch:
    batch = _timed(_here[0], lines)
    for draft in batch.drafts:
        draft.line = InputLine(draft.line.number, None)  # its bytes are where they came from
    return batch


def _timed(reader: Reader, lines: Sequence[InputLine]) -> Batch:
    start = time.perf_counter()
    return Batch(reader.read(lines), time.perf_counter() - start)


def _whole(lines: Sequence[InputLine], coming: Future[Batch]) -> Batch:
    batch = coming.result()
    for line, draft in zip(lines, batch.drafts, strict=True):
        draft.line = line
    return batch
