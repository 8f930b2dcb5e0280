"""One process that decodes photos for `DecodePool`, as the pool talks to it; after a failure it is gone."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import Final

import msgspec
import numpy as np

from vision.decoding import worker
from vision.decoding.alarm import Alarm
from vision.encoder import Encoder, Encoding, Pixels, Words
from vision.errors import DecoderMissing, PhotoError
from vision.likeness import Likeness
from vision.look import Look
from vision.notes.notes import NOTHING, Notes
from vision.rendition import SIZES

_START_SECONDS: Final = 120.0  # reading numpy from a cold disk is no fault of a photo
_PIPE_BYTES: Final = 1 << 20  # a decoded photo in one go
_COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from vision.decoding.worker import main; main(*json.loads(sys.argv[2]))"
)
# A photo's matrices are small: several threads spend twenty times as long on waiting for each other.
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"}
_words: Final = msgspec.msgpack.Decoder(Words)  # that process has held the bytes of strangers: no pickles of it


class DecodeProcess:
    """One process that decodes, and sees when the encoder is one that may work there."""

    def __init__(self, encoder: Encoder | None) -> None:
        by_name = [encoder.by_name, dict(encoder.totals)] if encoder and encoder.by_name else []
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
                [sys.executable, "-c", _COMMAND, json.dumps(sys.path), json.dumps(by_name)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
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
                    "`python -c 'import vision.decoding.worker'` may tell why."
                )

    def look(
        self,
        data: bytes,
        target: int,
        seconds: float,
        megabytes: int,
        *,
        see: bool,
        small: bool = False,
        notes: bool = False,
    ) -> Look:
        """Decode one photo, or raise PhotoError.

        `see` lets the encoder look at it too, `small` asks for renditions, `notes` for what its file says.
        """
        with Alarm(seconds, self.kill) as alarm:
            try:
                self._in.write(worker.JOB.pack(target, len(data), see, megabytes, small, notes))
                self._in.write(data)
                self._in.flush()
                return self._answer(small=small, notes=notes)
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

    def _answer(self, *, small: bool, notes: bool) -> Look:
        kind = bytes(self._read(1))
        if kind in (worker.REFUSED, worker.REFUSED_AND_GONE):
            reason, message = self._block().decode(), self._block().decode()
            if kind == worker.REFUSED_AND_GONE:
                self.end()
            raise PhotoError(reason, message)
        (perceptual,) = worker.PERCEPTUAL.unpack(self._read(worker.PERCEPTUAL.size))
        likeness = Likeness(bytes(self._block()), bytes(self._block()))
        renditions = {size: bytes(self._block()) for size in SIZES} if small else {}
        written = self._notes() if notes else NOTHING
        if kind == worker.ENCODING:
            words, features = _words.decode(self._block()), np.frombuffer(self._block(), np.float32)
            encoding = Encoding([words], features[None])
            return Look(perceptual, encoding=encoding, likeness=likeness, renditions=renditions, notes=written)
        height, width = worker.SHAPE.unpack(self._read(worker.SHAPE.size))
        pixels: Pixels = np.frombuffer(self._read(height * width * 3), dtype=np.uint8).reshape(height, width, 3)
        return Look(perceptual, pixels, likeness=likeness, renditions=renditions, notes=written)

    def _notes(self) -> Notes:
        try:
            return msgspec.json.decode(self._block(), type=Notes)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self.end()
            raise EOFError from error

    def _block(self) -> bytearray:
        (length,) = worker.LENGTH.unpack(self._read(worker.LENGTH.size))
        return self._read(length)

    def _read(self, length: int) -> bytearray:
        data = bytearray(length)
        if self._out.readinto(data) != length:  # type: ignore[attr-defined]  # it is a BufferedReader
            raise EOFError
        return data
