"""Photos: drawn for the benchmark, seen by the encoder alone, on one core or all, and taken by the whole pipeline."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from ingest.bulk.report import Report
from ingest.photos.photo_stage import PHOTOS_AT_ONCE
from qdrant.open_store import open_folder
from vision.decoding.decode import decode
from vision.decoding.pool import DecodePool
from vision.encoder import Pixels
from vision.make_encoder import Encoder

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def write_photos(folder: Path, count: int) -> Path:
    """Draw photos with soft shapes and fine grain, and the posts that name them."""
    draw = np.random.default_rng(1)
    with (folder / "posts.ndjson").open("w", encoding="utf-8") as lines:
        for number in range(count):
            coarse = Image.fromarray(draw.integers(0, 255, (9, 12, 3), dtype=np.uint8))
            scene = np.asarray(coarse.resize((640, 480), Image.Resampling.BICUBIC)).astype(np.int16)
            grain = draw.integers(-5, 6, scene.shape, dtype=np.int16)
            photo = Image.fromarray(np.clip(scene + grain, 0, 255).astype(np.uint8))
            photo.save(folder / f"{number}.jpg", quality=85)
            post = {"id": f"p{number}", "photo": f"{number}.jpg", "text": f"photo {number} of the sea, evening"}
            lines.write(json.dumps(post) + "\n")
    return folder / "posts.ndjson"


def own_processes() -> list[int]:
    """This process and those that it started."""
    of_threads = (file.read_text().split() for file in Path("/proc/self/task").glob("*/children"))
    return [os.getpid(), *(int(pid) for pids in of_threads for pid in pids)]


def processor_seconds(pids: Sequence[int]) -> float:
    """What some processes have spent so far."""
    spent = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(of[11]) + int(of[12]) for of in spent) / os.sysconf("SC_CLK_TCK")


def pixels_of(posts: Path, encoder: Encoder) -> list[Pixels]:
    """Decode the photos of the posts for the encoder."""
    return [decode(photo.read_bytes(), target=encoder.side) for photo in sorted(posts.parent.glob("*.jpg"))]


def encode(pixels: list[Pixels], encoder: Encoder) -> float:
    """Let the encoder alone see photos; the seconds."""
    begun = time.perf_counter()
    for start in range(0, len(pixels), PHOTOS_AT_ONCE):
        encoder.encode(pixels[start : start + PHOTOS_AT_ONCE])
    return time.perf_counter() - begun


def encode_when_told(posts: Path, encoder: Encoder) -> None:
    """See the photos of the posts for each line that comes in, and say the seconds."""
    pixels = pixels_of(posts, encoder)
    for _ in sys.stdin:
        print(encode(pixels, encoder), flush=True)


class AllCores:
    """The encoder alone, in as many processes as there are cores."""

    def __init__(self, posts: Path, stack: ExitStack) -> None:
        """Start them; they end with the stack."""
        command = [sys.executable, "-m", "benchmarks.ingest", "--only", "encode", str(posts)]
        self._processes = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(len(CORES) or 2)
        ]

    def seconds(self) -> float:
        """How long one set of photos takes when each process sees one."""
        for process in self._processes:
            print(file=process.stdin, flush=True)
        slowest = max(float(process.stdout.readline()) for process in self._processes if process.stdout)
        return slowest / len(self._processes)


class Turn(NamedTuple):
    """Seconds of a set of photos: by the clock, and those of the processors."""

    bare: float
    all_cores: float
    whole: float
    bare_spent: float
    whole_spent: float


def take_turns(posts: Path, encoder: Encoder, rounds: int, take: Callable[..., Report]) -> list[Turn]:
    """Let the bare encoder, the same on all cores, and the pipeline take turns; the first turn warms up."""
    pixels = pixels_of(posts, encoder)
    turns = []
    with ExitStack() as stack, DecodePool(len(CORES) or 2, encoder=encoder) as decoder:
        rival = AllCores(posts, stack)
        for _ in range(rounds + 1):
            all_cores, before = rival.seconds(), time.process_time()
            bare = encode(pixels, encoder)
            spent = time.process_time() - before
            with tempfile.TemporaryDirectory() as name:
                store = open_folder(Path(name) / "store")
                before, begun = processor_seconds(own_processes()), time.perf_counter()
                report = take(posts, store, encoder, decoder=decoder)
                whole, after = time.perf_counter() - begun, processor_seconds(own_processes())
                store.close()
                assert report.statuses["stored"] == len(pixels), report
            turns.append(Turn(bare, all_cores, whole, spent, after - before))
    return turns[1:]
