"""Photos of children on real data: what the photo and a caption let through when so many of the clear ones are held.

A photo counts as one of a child when at least two of its five captions mention one, by the lexicon; the case is clear
when three do. Each photo of the train split is judged by a detector that did not learn from it, which is what detectors
take their thresholds from; `judged` is only measured. Each caption in turn is the one that a post has.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.flickr.photo_networks import PhotoNetworks
from common.arrays import Bool, Float32, Float64
from common.stats import auc, central, wilson
from compliance.lexicon.lexicon import default_lexicon
from compliance.photo.caption_words import CaptionWords, caption_words
from compliance.photo.detector import PhotoDetector
from compliance.photo.train import HeldOutScores, learn_detector
from compliance.photo.train_evidence import EvidenceSample

CAPTIONS = 5
HELD = (0.10, 0.15, 0.20)
COMPARED = 0.15  # the share of the clear photos that may wait for review in the figures of releases
FEATURES, NUMBERS = ("trunk", "lite2"), ("faces", "objects")
# Which networks a detector learns from, by the name of the row; the last one has all.
WAYS = {
    "features": ("trunk",),
    "faces, people": ("trunk", "faces", "objects"),
    "all networks": ("trunk", "lite2", "faces", "objects"),
}


class Split(NamedTuple):
    """Photos, their captions, and which of these mention a child."""

    names: Sequence[str]
    captions: Sequence[Sequence[str]]
    mentioned: Bool

    @property
    def child(self) -> Bool:
        """Which photos are of a child."""
        return np.asarray(self.mentioned.sum(axis=1) >= 2)

    @property
    def agreed(self) -> Bool:
        """Of which most people say so."""
        return np.asarray(self.mentioned.sum(axis=1) >= 3)

    @property
    def silent(self) -> list[CaptionWords]:
        """The words of the captions that name no child, of each photo."""
        rows = zip(self.captions, self.mentioned, strict=True)
        return [caption_words([text for text, hit in zip(texts, hits, strict=True) if not hit]) for texts, hits in rows]


class Scores(NamedTuple):
    """What a detector says of each photo alone, and beside each of its captions; one that mentions a child is held."""

    alone: Float64
    beside: Float64


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="250 photos to learn from, 100 to measure, fewer networks."
    )
    parser.add_argument("--json", action="store_true", help="The last line is one JSON object.")
    parser.add_argument("--photos", type=int, help="So many photos to learn from; usually all 6,000.")
    parser.add_argument("--cache", type=Path, help="Folder that keeps what the networks measured.")
    options = parser.parse_args()
    folder = os.environ.get("PHOTOSENSE_REAL_DATA")
    if not folder:
        print("PHOTOSENSE_REAL_DATA names no folder with real data: nothing was measured.")
        if options.json:
            print(json.dumps({"skipped": "no real data"}))
        return
    data = Path(folder) / "flickr8k"
    networks = PhotoNetworks(Path(folder) / "networks", data / "photos", options.cache)
    ways = WAYS
    train, judged = (read_split(data, name) for name in ("train", "judged"))
    if options.quick:
        train, judged = first(train, 250), first(judged, 100)
        ways = {"features": ("lite2",), "all networks": ("lite2", "faces")}
    train = first(train, options.photos or len(train.names))
    print(
        f"{len(train.names)} photos, {train.child.sum()} of children, {train.agreed.sum()} of them clear cases;",
        end=" ",
    )
    print("each judged by a detector that did not learn from it.")
    print(f"{'networks':14} {'':12} {'held':>5}  {'photo alone: all':>24} {'clear cases':>24}", end="")
    print(f"  {'with a caption: all':>24} {'clear cases':>24}")
    figures: dict[str, float] = {"photos": len(train.names)}
    for name, chosen in ways.items():
        suffix = "" if name == "all networks" else "_" + name.split(",")[0]
        figures |= measure(networks, name, chosen, train, judged, suffix)
    if options.json:
        print(json.dumps(figures))


def measure(
    networks: PhotoNetworks, name: str, chosen: Sequence[str], train: Split, judged: Split, suffix: str
) -> dict[str, float]:
    """Learn from some networks, print what leaks, and give the figures under names with a suffix."""
    features, sample = measured(networks, chosen, train.names)
    shares = np.minimum(train.mentioned.mean(axis=1) * CAPTIONS / 4, 1)  # two of five is a half
    kept: list[HeldOutScores] = []
    detector = learn_detector(chosen[0], features, shares, train.silent, sample, held_out=kept.append)
    held_out = of_held_out(kept[0], train)
    figures = {f"auc_photo{suffix}": round(auc(held_out.alone, train.child), 4)}
    later = of_detector(detector, *measured(networks, chosen, judged.names), judged)
    for held in HELD:
        alone, beside = (threshold(scores, train, held) for scores in held_out)
        for split, scores, label in ((train, held_out, "out of fold"), (judged, later, "judged")):
            row = {
                "leak_photo_alone": leaks(scores.alone, alone, split.child),
                "leak_photo_alone_clear_cases": leaks(scores.alone, alone, split.agreed),
                "leak_both": leaks(scores.beside, beside, split.child),
                "leak_clear_cases": leaks(scores.beside, beside, split.agreed),
            }
            really = float((scores.beside[~split.child] >= beside).mean())
            cells = [f"{share:6.1%} ({low:.1%} to {high:.1%})" for share, low, high in row.values()]
            print(f"{name:14} {label:12} {really:5.1%}  " + " ".join(f"{cell:>24}" for cell in cells), flush=True)
            if held == COMPARED:
                before = "" if split is train else "judged_"
                figures |= {f"{before}{key}{suffix}": round(share, 4) for key, (share, _, _) in row.items()}
                figures[f"{before}held_clear{suffix}"] = round(really, 4)
    return figures


def measured(
    networks: PhotoNetworks, chosen: Sequence[str], photos: Sequence[str]
) -> tuple[Float32, EvidenceSample | None]:
    """The features of photos, and the numbers of the networks that give some."""
    features = np.concatenate([networks.measure(name, photos)[1] for name in chosen if name in FEATURES], axis=1)
    tables = [networks.measure(name, photos) for name in chosen if name in NUMBERS]
    if not tables:
        return features, None
    names = tuple(name for table, _ in tables for name in table)
    return features, EvidenceSample("+".join(chosen[1:]), names, np.concatenate([rows for _, rows in tables], axis=1))


def of_held_out(scores: HeldOutScores, split: Split) -> Scores:
    """Scores by captions lie one after the other, those that mention a child left out."""
    beside = np.ones(split.mentioned.shape)
    silent = [(photo, at) for photo, hits in enumerate(split.mentioned) for at in np.flatnonzero(~hits).tolist()]
    words = [caption_words([split.captions[photo][at]]) for photo, at in silent]
    rows = iter(scores.captions.tolist())
    for (photo, at), said in zip(silent, words, strict=True):
        beside[photo, at] = next(rows) if said else scores.photos[photo]
    return Scores(scores.photos, beside)


def of_detector(detector: PhotoDetector, features: Float32, sample: EvidenceSample | None, split: Split) -> Scores:
    """What the detector says of photos that it never saw."""
    numbers = sample.numbers if sample else None
    beside = np.ones(split.mentioned.shape)
    for at in range(CAPTIONS):
        words = [caption_words([texts[at]]) for texts in split.captions]
        beside[:, at] = [judged.score for judged in detector.judge(features, words, numbers)]
    return Scores(detector.scores(features, numbers), np.where(split.mentioned, 1.0, beside))


def threshold(scores: Float64, split: Split, held: float) -> float:
    """From where on so large a share of the clear photos is held."""
    return float(np.quantile(scores[~split.child], 1 - held))


def leaks(scores: Float64, at: float, chosen: Bool) -> tuple[float, float, float]:
    """The share of chosen photos that leak, with a 95 % interval: by Wilson, or over photos each with its captions."""
    leaking = (scores < at)[chosen]
    if leaking.ndim == 1:
        return float(leaking.mean()), *wilson(int(leaking.sum()), len(leaking))
    means = leaking.mean(axis=1)
    drawn = means[np.random.default_rng(0).integers(0, len(means), (2000, len(means)))].mean(axis=1)
    if drawn.max() == drawn.min():
        return float(means.mean()), *wilson(int(means.sum()), len(means))
    return float(means.mean()), *central(drawn)


def first(split: Split, count: int) -> Split:
    """So many photos of a split."""
    return Split(split.names[:count], split.captions[:count], split.mentioned[:count])


def read_split(data: Path, name: str) -> Split:
    """The photos of a split."""
    names = (data / "splits" / f"{name}.txt").read_text("utf-8").split()
    captions = read_captions(data / "captions.tsv", set(names))
    hits = mentions(captions)
    return Split(names, [captions[photo] for photo in names], np.array([hits[photo] for photo in names]))


def read_captions(file: Path, names: set[str]) -> dict[str, list[str]]:
    """The captions of each photo."""
    captions: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        key, _, caption = line.partition("\t")
        name = key.partition("#")[0]
        if name in names:
            captions.setdefault(name, []).append(caption)
    return captions


def mentions(captions: dict[str, list[str]]) -> dict[str, list[bool]]:
    """Which of its captions mention a child, for each photo."""
    lexicon = default_lexicon()
    return {name: [bool(lexicon.find(text)) for text in texts] for name, texts in captions.items()}


if __name__ == "__main__":
    main()
