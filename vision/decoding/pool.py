"""Decoding in processes of its own, within limits of time and memory: a decoder that crashes costs one photo.

    with DecodePool(workers=2) as pool:
        futures = [pool.submit(data) for data in photos]
        for future in futures:
            pixels = future.result()  # or PhotoError, as `decode` raises it

Nothing starts before the first photo. The processes know nothing of whoever started them (no fork, no import of the
main module), so the pool may be used from any thread of any program; `submit` never waits, so bound what is under way.

An encoder that any process can make by its name works in there as well, so that `look` gives what it saw instead of
pixels: all cores see, and pixels do not travel.
"""

import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from queue import Empty, PriorityQueue
from typing import Any, Final, Self

from vision.decoding.process import DecodeProcess
from vision.decoding.room import Room
from vision.decoding.weight import weight
from vision.encoder import SIDE, Encoder, Pixels
from vision.errors import DecoderMissing, PhotoError
from vision.look import Look
from vision.rendition import LARGE

SECONDS: Final = 20.0
MEMORY_MB: Final = 1024
TOGETHER_MB: Final = 256
_SLACK_MB: Final = 128  # beside what its header told, before a photo of a visitor is given up


class _Turn(IntEnum):
    NOW = 0
    LATER = 1
    NEVER = 2  # the end of a thread


@dataclass(order=True, slots=True)
class _Job:
    turn: _Turn
    number: int
    data: bytes = field(default=b"", compare=False)
    see: bool = field(default=False, compare=False)
    small: bool = field(default=False, compare=False)
    notes: bool = field(default=False, compare=False)
    megabytes: float | None = field(default=None, compare=False)
    future: "Future[Any]" = field(default_factory=Future, compare=False)


class DecodePool:
    """Decodes photos in `workers` processes; a photo may take so many seconds and, beside the process, megabytes.

    All together take at most `together_mb` at a time, by what their headers tell: one that wants more is decoded alone.
    The short side of what is decoded is about `target`, or as the encoder wants it.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        target: int | None = None,
        encoder: Encoder | None = None,
        seconds: float = SECONDS,
        memory_mb: int = MEMORY_MB,
        together_mb: int = TOGETHER_MB,
    ) -> None:
        if target is None:
            target = encoder.side if encoder else SIDE
        if min(workers, target, memory_mb, together_mb) < 1 or seconds <= 0:
            raise ValueError(
                f"workers {workers}, target {target}, seconds {seconds}, memory_mb {memory_mb}, "
                f"together_mb {together_mb}: each must be above 0"
            )
        self._workers = workers
        self._target = target
        self._encoder = encoder
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._room = Room(together_mb)
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._numbers = count()
        self._threads: list[threading.Thread] = []
        self._decoders: set[DecodeProcess] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, data: bytes) -> "Future[Pixels]":
        """Give a photo to decode; the future holds what `decode` returns, or the PhotoError that it raises."""
        return self._begin(data, _Turn.LATER, see=False)

    def look(self, data: bytes, *, renditions: bool = False, notes: bool = False) -> "Future[Look]":
        """Give a photo to look at, by the encoder too where it may; the future holds a Look, or raises PhotoError."""
        return self._begin(data, _Turn.LATER, see=True, small=renditions, notes=notes)

    def look_now(self, data: bytes) -> Look:
        """Look at one photo before all that wait, as somebody does for this one; it may not want more than all may."""
        megabytes = weight(data, self._target)
        if megabytes is not None and megabytes > self._room.megabytes:
            raise PhotoError(
                "photo_too_many_pixels",
                f"the photo takes {megabytes:.0f} MB to unpack, expected at most {self._room.megabytes:.0f}; "
                "send a smaller copy",
            )
        look: Look = self._begin(data, _Turn.NOW, see=True).result()
        return look

    def close(self) -> None:
        """Stop at once: what has not begun is cancelled, what is under way ends with a RuntimeError."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            decoders = list(self._decoders)
        with suppress(Empty):
            while True:
                self._jobs.get_nowait().future.cancel()
        for _ in self._threads:
            self._jobs.put(_Job(_Turn.NEVER, next(self._numbers)))
        for decoder in decoders:
            decoder.kill()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, data: bytes, turn: _Turn, *, see: bool, small: bool = False, notes: bool = False) -> "Future[Any]":
        megabytes = weight(data, self._target, LARGE if small else 0)
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed: make a new one")
            job = _Job(turn, next(self._numbers), data, see, small, notes, megabytes)
            self._jobs.put(job)
            if len(self._threads) < self._workers:
                thread = threading.Thread(target=self._run, name=f"decode-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return job.future

    def _run(self) -> None:
        """One thread minds one process: it gives it a photo at a time, and replaces it when it is gone."""
        decoder: DecodeProcess | None = None
        while (job := self._jobs.get()).turn is not _Turn.NEVER:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                decoder = decoder if decoder and decoder.alive else self._start(decoder)
                with self._room.share(job.megabytes):
                    most = self._most(job)
                    look = decoder.look(
                        job.data, self._target, self._seconds, most, see=job.see, small=job.small, notes=job.notes
                    )
            except Exception as error:  # PhotoError, or that no process starts: whoever waits is told
                job.future.set_exception(RuntimeError("the pool was closed over this photo") if self._closed else error)
            else:
                job.future.set_result(look if job.see else look.pixels)
        if decoder:
            self._forget(decoder)

    def _most(self, job: _Job) -> int:
        """Megabytes after which a photo is given up: of a visitor's, soon after those that its header told."""
        told = job.turn is _Turn.NOW and job.megabytes is not None
        return min(self._memory_mb, round(job.megabytes or 0) + _SLACK_MB) if told else self._memory_mb

    def _start(self, gone: DecodeProcess | None) -> DecodeProcess:
        if gone:
            self._forget(gone)
        decoder = DecodeProcess(self._encoder)
        with self._lock:
            self._decoders.add(decoder)
            closed = self._closed
        if closed:
            decoder.kill()
        try:
            decoder.wait_ready()
        except DecoderMissing:
            self._forget(decoder)
            raise
        return decoder

    def _forget(self, decoder: DecodeProcess) -> None:
        with self._lock:
            self._decoders.discard(decoder)
        decoder.end()
