"""The demo world: a folder of drawn photos, the posts about them as from a crawl, and the truth about each."""

import io
import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
from PIL import Image

from common.files import new_folder
from demo.broken import broken_lines
from demo.plan import SIDE, Plan, Shot, make_plan
from demo.scenes import SCENES
from photosense.errors import PhotosenseError

_POOL_FROM = 100
_POSTS, _PHOTOS, _TRUTH = "posts.ndjson", "photos", "truth.ndjson"


class WorldError(PhotosenseError):
    """A demo world that cannot be made."""


@dataclass(frozen=True, slots=True)
class World:
    """Where a finished world lies, and how many lines its posts file has."""

    folder: Path
    posts_file: Path
    photos: Path
    truth_file: Path
    posts: int


def make_world(
    folder: Path,
    posts: int = 600,
    seed: int = 7,
    progress: Callable[[int, int], None] | None = None,
    side: int = SIDE,
) -> World:
    """Draw and write a world of so many posts; the folder appears when all is done, in place of an earlier world.

    `side` is how many pixels the longest side of a photo has.
    """
    folder = folder.absolute()
    if posts < 1:
        raise WorldError(f"posts is {posts}, a world needs at least 1; give a larger number")
    if folder.exists() and not (folder / _TRUTH).is_file() and (folder.is_file() or any(folder.iterdir())):
        raise WorldError(f"{folder} holds something that is not a demo world; give a new or an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(folder) as aside:
        (aside / _PHOTOS).mkdir()
        _write(aside, make_plan(posts, seed), side, progress)
    return World(folder, folder / _POSTS, folder / _PHOTOS, folder / _TRUTH, posts)


def query_photo(scene: str, seed: int, side: int = SIDE) -> bytes:
    """A fresh JPEG of the scene that no world holds, to search with."""
    if scene not in SCENES:
        raise WorldError(f"no scene is named {scene!r}; take one of {', '.join(SCENES)}")
    return _draw(Shot(scene, (seed, list(SCENES).index(scene), 1, 1), 480, 360).sized(side))


def _write(aside: Path, plan: Plan, side: int, progress: Callable[[int, int], None] | None) -> None:
    shots = [(name, shot.sized(side)) for name, shot in plan.shots.items()]
    for done, ((name, _), photo) in enumerate(zip(shots, _drawn([shot for _, shot in shots]), strict=True), 1):
        (aside / _PHOTOS / f"{name}.jpg").write_bytes(photo)
        if progress is not None:
            progress(done, len(shots))
    for copy, original in plan.copies.items():
        shutil.copyfile(aside / _PHOTOS / f"{original}.jpg", aside / _PHOTOS / f"{copy}.jpg")
    lines = [json.dumps(record, ensure_ascii=False) for record in plan.records]
    broken = broken_lines(aside, plan.broken_positions)
    for position, line in sorted(broken.items()):
        lines.insert(position, line)
    _write_lines(aside / _POSTS, lines)
    _write_lines(aside / _TRUTH, (json.dumps(truth, ensure_ascii=False) for truth in plan.truths))


def _write_lines(file: Path, lines: Iterable[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _drawn(shots: list[Shot]) -> Iterator[bytes]:
    """The JPEGs in order; many of them are drawn by two processes, with the same result."""
    if len(shots) < _POOL_FROM or (os.cpu_count() or 1) < 2:
        yield from map(_draw, shots)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context, initializer=_follow_parent) as pool:
        yield from pool.map(_draw, shots, chunksize=4)


def _follow_parent() -> None:
    """End this worker when the process that started it is killed, which the pool alone would not notice."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _draw(shot: Shot) -> bytes:
    pixels = SCENES[shot.scene](np.random.default_rng(shot.seed), shot.width, shot.height)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
