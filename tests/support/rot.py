"""Rot: bytes of a home that flip, and what the home answers after it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from api.search.question import Question
from compliance.country import resolve
from compliance.errors import ComplianceError
from ingest.errors import IngestError
from ingest.photos.rendition_folder import RenditionFolder, shown_photo
from photosense.errors import PhotosenseError
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.errors import StoreError
from topic_model.errors import TopicModelError
from vision.errors import VisionError
from vision.rendition import SIZES

REFUSED = (PhotosenseError, StoreError, ComplianceError, TopicModelError, VisionError, IngestError)
FLIPS = 20
_MINUTES = re.compile(r"until=\d+&signature=\w+")  # addresses of photos change every ten of them
_LEFT_OUT = ("rejected", "journal", "law.", "store.lock", "store.turn", "store.door", "audit", "renditions.secret")


def files_of_parts(home: Path) -> dict[str, list[Path]]:
    """The files of a home that what it answers comes from, by part."""
    parts: dict[str, list[Path]] = {}
    for file in sorted(home.rglob("*")):
        name = str(file.relative_to(home))
        if file.is_file() and file.stat().st_size and not name.startswith(_LEFT_OUT):
            parts.setdefault(name.split("/")[0], []).append(file)
    return parts


def rot(file: Path, chance: np.random.Generator) -> None:
    """Flip some bytes of a file, where it is no hole; anywhere, where it is nothing else."""
    places = [place for start, end in _data(file) for place in (start, end)] or [0, file.stat().st_size]
    begins, ends = np.array(places[::2]), np.array(places[1::2])
    before = np.cumsum(ends - begins) - (ends - begins)
    content = np.memmap(file, np.uint8, "r+")
    for at in chance.integers(0, int((ends - begins).sum()), FLIPS):
        extent = int(np.searchsorted(before, at, side="right")) - 1
        content[int(begins[extent] + at - before[extent])] ^= int(chance.integers(1, 256))
    content.flush()


def answers(home: Path, questions: list[str]) -> dict[str, Any]:
    """All that a home says: hits of questions, posts, counts, photos, and what it remembers to hold."""
    country = resolve("IS", None, False)
    with open_house(Settings(home=home, threads=1)) as house:
        service = house.service()
        found = [service.search(Question(text, None, limit=10), country) for text in questions]
        folder = RenditionFolder(home / "renditions")
        points = sorted(house.store.scroll(features=True), key=lambda point: point.id)
        return {
            "hits": [_MINUTES.sub("", repr(answer.hits)) for answer in found],
            "posts": [(point.id, repr(sorted(point.payload.items(), key=str))) for point in points],
            "count": house.store.count(),
            "photos": {
                (point.id, size): folder.read(point.id, shown_photo(point), size) for point in points for size in SIZES
            },
            "takedowns": house.law.takedowns.fingerprint(),
            "tombstones": house.law.tombstones.fingerprint(),
            "ads": house.ads,
        }


def outcome(home: Path, questions: list[str], truth: dict[str, Any]) -> str:
    """What became of a home with rot in it: refused, healed, or silent, which says otherwise without a word."""
    try:
        now = answers(home, questions)
    except REFUSED:
        return "refused"
    photos, whole = now.pop("photos"), {name: value for name, value in truth.items() if name != "photos"}
    shows = all(photo in (None, truth["photos"][name]) for name, photo in photos.items())
    return "healed" if shows and now == whole else "silent"


def _data(file: Path) -> Iterator[tuple[int, int]]:
    handle, end, size = os.open(file, os.O_RDONLY), 0, file.stat().st_size
    try:
        while end < size:
            try:
                start = os.lseek(handle, end, os.SEEK_DATA)
                end = os.lseek(handle, start, os.SEEK_HOLE)
            except OSError:
                return
            yield start, end
    finally:
        os.close(handle)
