"""Copies in disguise: how many are recognised, by the look of before and by the likeness, and how many strangers are.

Photos that are held are asked for by disguised copies of themselves. Others, as many as there are, are held all
together, and each asks whether it is a copy of any other: what is found there is a false alarm, but for photos of one
scene, which the table cannot tell apart. Without real data all photos are made up.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from rich.console import Console
from rich.table import Table

from common.album import Album
from compliance.records.takedown_register import BITS_APART
from tests.support.disguises import DISGUISES, textured
from vision.decoding.decode import decode
from vision.fingerprint import Fingerprint, fingerprint, perceptual
from vision.likeness import questions

FEW = 300  # a held set of a small site
FURTHER: dict[str, Callable[[Image.Image], Image.Image]] = {
    "contrast": lambda photo: ImageEnhance.Contrast(photo).enhance(1.5),
    "blurred": lambda photo: photo.filter(ImageFilter.GaussianBlur(2)),
    "squeezed to 80 %": lambda photo: photo.resize((photo.width * 4 // 5, photo.height)),
    "rotated by 5, black corners": lambda photo: photo.rotate(5, Image.Resampling.BICUBIC),
    "border 20 %, white": lambda photo: ImageOps.expand(photo, max(photo.size) // 5, "white"),
    "negative": ImageOps.invert,
}


class Photos(NamedTuple):
    """Photos to disguise, and others that are strangers to one another."""

    held: Sequence[Image.Image]
    strangers: Iterator[Image.Image]
    kind: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="30 photos to disguise, 600 strangers.")
    parser.add_argument("--json", action="store_true", help="The last line is one JSON object.")
    options = parser.parse_args()
    held, strangers = (30, 600) if options.quick else (300, 6000)
    photos = photos_of(os.environ.get("PHOTOSENSE_REAL_DATA"), held, strangers)
    figures = caught(photos) | alarms(photos.strangers) | cost()
    if options.json:
        print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))


def photos_of(data: str | None, held: int, strangers: int) -> Photos:
    """Real photos where there are some, made-up ones else."""
    if not data:
        print("PHOTOSENSE_REAL_DATA names no folder with real data: the photos are made up.")
        return Photos(
            [textured(seed) for seed in range(held)], map(textured, range(10**6, 10**6 + strangers)), "made up"
        )
    folder = Path(data) / "flickr8k"

    def read(split: str, most: int) -> Iterator[Image.Image]:
        for name in (folder / "splits" / f"{split}.txt").read_text().split()[:most]:
            yield Image.open(folder / "photos" / name).convert("RGB")

    return Photos(list(read("judged", held)), read("train", strangers), "real")


def caught(photos: Photos) -> dict[str, float]:
    """Recall by disguise, of the look and of the likeness."""
    kept = [of_file(photo, 95) for photo in photos.held]
    table = Table("disguise", "look (before)", "likeness", title=f"copies of {len(kept)} {photos.kind} photos caught")
    shares: dict[str, tuple[float, float]] = {}
    for name, wear in {**DISGUISES, **FURTHER}.items():
        copies = [of_file(wear(photo)) for photo in photos.held]
        pairs = list(zip(copies, kept, strict=True))
        strict = float(np.mean([copy.bits_apart(first) <= BITS_APART for copy, first in pairs]))
        shares[name] = strict, float(np.mean([is_copy(copy, first) for copy, first in pairs]))
        table.add_row(name, *(f"{share:.1%}" for share in shares[name]))
    Console().print(table)
    before, now = np.mean([shares[name] for name in DISGUISES], axis=0)
    least = min(shares[name][1] for name in DISGUISES)
    print(f"All disguises but the last {len(FURTHER)}: {before:.1%} before, {now:.1%} now, the worst {least:.1%}.")
    return {"copies_caught": float(now), "copies_caught_before": float(before), "copies_caught_worst": least}


def alarms(strangers: Iterator[Image.Image]) -> dict[str, float]:
    """The share of photos that are taken for a copy of another one, of all the others or of a few."""
    prints = [of_file(photo, 95) for photo in strangers]
    albums = {name: Album() for name in ("all", "few")}
    for number, each in enumerate(prints):
        for album in [albums["all"], *([albums["few"]] if number < FEW else [])]:
            album.put(str(number), each.likeness.kept)
    false = dict.fromkeys(albums, 0)
    seconds: list[float] = []
    for number, each in enumerate(prints):
        asked = questions(each.likeness.asked)
        for name, album in albums.items():
            begin = time.perf_counter()
            false[name] += any(other != str(number) for other in album.alike(asked))
            if name == "all":
                seconds.append(time.perf_counter() - begin)
    looks = np.array([each.perceptual for each in prints], np.uint64)
    strict = sum(np.count_nonzero(np.bitwise_count(looks ^ look) <= BITS_APART) > 1 for look in looks)
    count, ms = len(prints), 1000 * float(np.median(seconds))
    print(
        f"{count} photos, each against all others: {false['all']} taken for a copy (by the look: {strict}); against "
        f"the first {min(FEW, count)}: {false['few']}. One is asked in {ms:.2f} ms."
    )
    return {
        "copies_false": false["all"] / count,
        "copies_false_of_300": false["few"] / count,
        "copies_false_before": float(strict) / count,
        "ask_ms": ms,
    }


def cost() -> dict[str, float]:
    """Milliseconds of one thread for the fingerprint of 500 x 375 pixels, before and now."""
    pixels = np.asarray(textured(1).resize((500, 375)))
    work: dict[str, Callable[[], object]] = {
        "print_ms_before": lambda: perceptual(pixels),
        "print_ms": lambda: fingerprint(b"", pixels),
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(200):
        for name, step in work.items():
            begin = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - begin)
    figures = {name: 1000 * float(np.median(taken)) for name, taken in seconds.items()}
    print(f"Fingerprint of 500 x 375: {figures['print_ms_before']:.2f} ms before, {figures['print_ms']:.2f} ms now.")
    return figures


def of_file(photo: Image.Image, quality: int = 85) -> Fingerprint:
    """The fingerprint of a photo, as a file of it has it."""
    file = BytesIO()
    photo.convert("RGB").save(file, "JPEG", quality=quality)
    return fingerprint(file.getvalue(), decode(file.getvalue()))


def is_copy(photo: Fingerprint, held: Fingerprint) -> bool:
    """Whether a photo is recognised as a copy of the other by its likeness."""
    album = Album()
    album.put("held", held.likeness.kept)
    return bool(album.alike(questions(photo.likeness.asked)))


if __name__ == "__main__":
    main()
