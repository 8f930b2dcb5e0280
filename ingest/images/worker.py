"""The process that decodes strangers' photos for `DecodePool`: bytes come in on stdin, pixels or a reason go out.

It imports nothing but the decoder, so that it starts fast and stays small; when the pool is gone, it ends.
"""

import os
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final

from ingest.images.decode import decode
from ingest.images.errors import PhotoError

READY: Final = b"R"
PIXELS: Final = b"P"
REFUSED: Final = b"E"
REFUSED_AND_GONE: Final = b"G"
JOB: Final = struct.Struct(">II")  # target, length of the photo
SHAPE: Final = struct.Struct(">II")  # height, width
LENGTH: Final = struct.Struct(">I")


def main(memory_mb: int) -> None:
    """Decode until stdin ends. What a C library prints must not reach the pool: only this function writes there."""
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory(memory_mb)
    answers.write(READY)
    answers.flush()
    while len(head := jobs.read(JOB.size)) == JOB.size:
        target, length = JOB.unpack(head)
        fresh = _answer(jobs.read(length), target, answers)
        answers.flush()
        if not fresh:
            return


def _answer(data: bytes, target: int, answers: BinaryIO) -> bool:
    """Write what became of one photo; False when this process is better replaced by a new one."""
    try:
        pixels = decode(data, target=target)
    except PhotoError as error:
        reason, message = error.reason.encode(), error.message.encode()
        gone = isinstance(error.__cause__, MemoryError)  # what is left of its memory may be in shreds
        answers.write(REFUSED_AND_GONE if gone else REFUSED)
        answers.write(LENGTH.pack(len(reason)) + reason + LENGTH.pack(len(message)) + message)
        return not gone
    answers.write(PIXELS + SHAPE.pack(*pixels.shape[:2]))
    answers.write(pixels.data)
    return True


def _limit_memory(megabytes: int) -> None:
    """Bound what a photo may take, on top of what this process has already; where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    statm = Path("/proc/self/statm")  # where it is missing, as on macOS, the limit is a little tighter
    pages = int(statm.read_text().split()[0]) if statm.exists() else 0
    limit = pages * resource.getpagesize() + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
