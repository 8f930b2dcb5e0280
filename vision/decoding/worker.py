"""The process that decodes strangers' photos for `DecodePool`: bytes come in on stdin, pixels or a reason go out.

An encoder that needs no network may be named to work in here too: then what it saw goes out, a fiftieth of the pixels.
Nothing is imported but what that takes, so that it starts fast and stays small; when the pool is gone, it ends.
"""

import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from vision.decoding.decode import decode
from vision.encoder import Encoder, Encoding, Pixels
from vision.errors import PhotoError
from vision.fingerprint import looks
from vision.rendition import decode_with_renditions

READY: Final = b"R"
PIXELS: Final = b"P"
ENCODING: Final = b"S"
REFUSED: Final = b"E"
REFUSED_AND_GONE: Final = b"G"
JOB: Final = struct.Struct(">II?I??")  # target, length, whether the encoder looks, megabytes, renditions, notes too
PERCEPTUAL: Final = struct.Struct(">Q")
SHAPE: Final = struct.Struct(">II")  # height, width
LENGTH: Final = struct.Struct(">I")


def main(encoder: str | None = None, totals: Mapping[str, float] | None = None) -> None:
    """Decode until stdin ends. What a C library prints must not reach the pool: only this function writes there."""
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    eyes = _make(encoder, totals) if encoder else None
    own = _own_memory()
    answers.write(READY)
    answers.flush()
    while len(head := jobs.read(JOB.size)) == JOB.size:
        target, length, see, megabytes, small, notes = JOB.unpack(head)
        _limit_memory(own + (megabytes << 20))
        fresh = _answer(jobs.read(length), target, eyes if see else None, answers, small=small, notes=notes)
        answers.flush()
        if not fresh:
            return


def _answer(data: bytes, target: int, encoder: Encoder | None, answers: BinaryIO, *, small: bool, notes: bool) -> bool:
    """Write what became of one photo; False when this process is better replaced by a new one."""
    try:
        pixels, renditions = decode_with_renditions(data, target) if small else (decode(data, target=target), {})
        encoding = encoder.see([pixels]) if encoder else None
        written = _notes(data) if notes else b""
    except PhotoError as error:
        gone = isinstance(error.__cause__, MemoryError)  # what is left of its memory may be in shreds
        answers.write(REFUSED_AND_GONE if gone else REFUSED)
        answers.write(_block(error.reason.encode()) + _block(error.message.encode()))
        return not gone
    perceptual, likeness = looks(pixels)
    answers.write((ENCODING if encoding else PIXELS) + PERCEPTUAL.pack(perceptual))
    answers.write(_block(likeness.kept) + _block(likeness.asked))
    for rendition in renditions.values():
        answers.write(_block(rendition))
    if notes:
        answers.write(_block(written))
    if encoding:
        _write_encoding(encoding, answers)
    else:
        _write_pixels(pixels, answers)
    return True


def _write_pixels(pixels: Pixels, answers: BinaryIO) -> None:
    answers.write(SHAPE.pack(*pixels.shape[:2]))
    answers.write(pixels.data)


def _write_encoding(encoding: Encoding, answers: BinaryIO) -> None:
    import msgspec

    answers.write(_block(msgspec.msgpack.encode(encoding.words[0])) + _block(encoding.features[0].tobytes()))


def _notes(data: bytes) -> bytes:
    import msgspec

    from vision.notes.notes import read_notes

    return msgspec.json.encode(read_notes(data))


def _block(data: bytes) -> bytes:
    return LENGTH.pack(len(data)) + data


def _make(encoder: str, totals: Mapping[str, float] | None) -> Encoder:
    from vision.make_encoder import make_encoder

    return make_encoder(encoder, totals=totals)


def _own_memory() -> int:
    """What this process has already, in bytes; 0 where nobody tells, as on macOS: limits are a little tighter there."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def _limit_memory(size: int) -> None:
    """Bound what the next photo may take, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
