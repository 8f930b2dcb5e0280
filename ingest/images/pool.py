"""Decoding in processes of its own, within limits of time and memory: a decoder that crashes costs one photo.

    with DecodePool(workers=2) as pool:
        futures = [pool.submit(data) for data in photos]
        for future in futures:
            pixels = future.result()  # or PhotoError, as `decode` raises it

Nothing starts before the first photo. The processes know nothing of whoever started them (no fork, no import of the
main module), so the pool may be used from any thread of any program; `submit` never waits, so bound what is under way.
"""

import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from ingest.alarm import Alarm
from ingest.images import worker
from ingest.images.errors import DecoderMissing, PhotoError

Pixels = npt.NDArray[np.uint8]

SECONDS: Final = 20.0
MEMORY_MB: Final = 1024
_START_SECONDS: Final = 120.0  # reading numpy from a cold disk is no fault of a photo
_PIPE_BYTES: Final = 1 << 20  # a decoded photo in one go
_COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from ingest.images.worker import main; main(int(sys.argv[2]))"
)


class DecodePool:
    """Decodes photos in `workers` processes; a photo may take so many seconds and, beside the process, megabytes."""

    def __init__(
        self, workers: int = 2, *, target: int = 299, seconds: float = SECONDS, memory_mb: int = MEMORY_MB
    ) -> None:
        if min(workers, target, memory_mb) < 1 or seconds <= 0:
            raise ValueError(
                f"workers {workers}, target {target}, seconds {seconds}, memory_mb {memory_mb}: each must be above 0"
            )
        self._workers = workers
        self._target = target
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._jobs: SimpleQueue[tuple[bytes, Future[Pixels]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._decoders: set[_Decoder] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, data: bytes) -> "Future[Pixels]":
        """Give a photo to decode; the future holds what `decode` returns, or the PhotoError that it raises."""
        future: Future[Pixels] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed: make a new one")
            self._jobs.put((data, future))
            if len(self._threads) < self._workers:
                thread = threading.Thread(target=self._run, name=f"decode-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def decode(self, data: bytes) -> Pixels:
        """Decode one photo and wait for it."""
        return self.submit(data).result()

    def close(self) -> None:
        """Stop at once: what has not begun is cancelled, what is under way ends with a RuntimeError."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            decoders = list(self._decoders)
        with suppress(Empty):
            while (job := self._jobs.get_nowait()) is not None:
                job[1].cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for decoder in decoders:
            decoder.kill()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        """One thread minds one process: it gives it a photo at a time, and replaces it when it is gone."""
        decoder: _Decoder | None = None
        while (job := self._jobs.get()) is not None:
            data, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                decoder = decoder if decoder and decoder.alive else self._start(decoder)
                pixels = decoder.decode(data, self._target, self._seconds)
            except Exception as error:  # PhotoError, or that no process starts: whoever waits is told
                future.set_exception(RuntimeError("the pool was closed over this photo") if self._closed else error)
            else:
                future.set_result(pixels)
        if decoder:
            self._forget(decoder)

    def _start(self, gone: "_Decoder | None") -> "_Decoder":
        if gone:
            self._forget(gone)
        decoder = _Decoder(self._memory_mb)
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

    def _forget(self, decoder: "_Decoder") -> None:
        with self._lock:
            self._decoders.discard(decoder)
        decoder.end()


class _Decoder:
    """One process that decodes; after a failure it is gone."""

    def __init__(self, memory_mb: int) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
                [sys.executable, "-c", _COMMAND, json.dumps(sys.path), str(memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pipesize=_PIPE_BYTES,
                start_new_session=True,  # Ctrl-C is for whoever started us, who then ends this
            )
        except OSError as error:
            raise DecoderMissing(f"The process that decodes photos does not start: {error.strerror}.") from error
        if self._process.stdin is None or self._process.stdout is None:
            raise DecoderMissing("The process that decodes photos has no pipes.")
        self._in, self._out = self._process.stdin, self._process.stdout
        self._ended = False

    @property
    def alive(self) -> bool:
        """Whether it can be given a photo; a system short of memory may have ended it since the last one."""
        return not self._ended and self._process.poll() is None

    def wait_ready(self) -> None:
        """Wait until it can decode."""
        with Alarm(_START_SECONDS, self.kill):
            if self._out.read(1) != worker.READY:
                self.end()
                raise DecoderMissing(
                    "The process that decodes photos ended before it began: "
                    "`python -c 'import ingest.images.worker'` may tell why."
                )

    def decode(self, data: bytes, target: int, seconds: float) -> Pixels:
        """Decode one photo, or raise PhotoError."""
        with Alarm(seconds, self.kill) as alarm:
            try:
                self._in.write(worker.JOB.pack(target, len(data)))
                self._in.write(data)
                self._in.flush()
                return self._answer()
            except (OSError, EOFError):
                self.end()
        if alarm.rang:
            raise PhotoError(
                "photo_too_slow", f"the photo did not decode within {seconds:g} seconds; send a smaller or simpler copy"
            )
        raise PhotoError(
            "photo_crashed", "the decoder ended over this photo, expected a sound image file; save it anew and send it"
        )

    def kill(self) -> None:
        """End the process, whatever it does; the thread that reads from it notices."""
        self._process.kill()

    def end(self) -> None:
        """Leave nothing behind."""
        self._ended = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with suppress(OSError):  # what was still to be flushed
                pipe.close()

    def _answer(self) -> Pixels:
        kind = self._read(1)
        if kind == worker.PIXELS:
            height, width = worker.SHAPE.unpack(self._read(worker.SHAPE.size))
            flat = np.frombuffer(self._read(height * width * 3), dtype=np.uint8)
            return flat.reshape(height, width, 3)
        reason, message = self._text(), self._text()
        if kind == worker.REFUSED_AND_GONE:
            self.end()
        raise PhotoError(reason, message)

    def _text(self) -> str:
        (length,) = worker.LENGTH.unpack(self._read(worker.LENGTH.size))
        return self._read(length).decode()

    def _read(self, length: int) -> bytearray:
        data = bytearray(length)
        if self._out.readinto(data) != length:  # type: ignore[attr-defined]  # it is a BufferedReader
            raise EOFError
        return data
