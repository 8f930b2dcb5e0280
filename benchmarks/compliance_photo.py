"""Photos of children on real data: what a caption, the photo, and both together let through, and what they hold for it.

A photo counts as one of a child when at least two of its five captions mention one, by the lexicon. The detector learns
from the train split, its thresholds come from photos of that split that were held out; `judged` is only measured.
"""

import argparse
import hashlib
import json
import os
import tempfile
from pathlib import Path

import numpy as np

from common.stats import auc, wilson
from compliance.lexicon.lexicon import default_lexicon
from compliance.photo.caption_words import caption_words
from compliance.photo.detector import PhotoDetector
from compliance.photo.train import learn_detector
from vision.decoding.decode import decode
from vision.make_encoder import make_encoder

SPEC = """name = "trunk"
network = "{network}"
features = ["mixed_7_gap", "mixed_8_gap", "mixed_9_partial_gap"]
[input]
height = 299
width = 299
layout = "NCHW"
colours = "RGB"
mean = [128.0, 128.0, 128.0]
scale = [128.0, 128.0, 128.0]
fit = "squeeze"
[[outputs]]
words = "channels"
tensor = "mixed_8_gap"
prefix = "c8"
"""
AT_ONCE = 32
CAPTIONS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 photos to learn from, seen by `patches`.")
    parser.add_argument("--json", action="store_true", help="The last line is one JSON object.")
    parser.add_argument("--clear-held", type=float, default=0.2, help="The share of clear photos that may be held.")
    parser.add_argument("--misses", type=int, default=0, help="Name so many of the photos that leak most.")
    parser.add_argument("--features", type=Path, help="Folder that keeps what the network measured.")
    options = parser.parse_args()
    folder = os.environ.get("PHOTOSENSE_REAL_DATA")
    if not folder:
        print("PHOTOSENSE_REAL_DATA names no folder with real data: nothing was measured.")
        if options.json:
            print(json.dumps({"skipped": "no real data"}))
        return
    data = Path(folder) / "flickr8k"
    names = {split: (data / "splits" / f"{split}.txt").read_text().split() for split in ("train", "judged")}
    if options.quick:
        names = {split: of_split[: 900 if split == "train" else 300] for split, of_split in names.items()}
    captions = read_captions(data / "captions.tsv", {name for of_split in names.values() for name in of_split})
    hits = mentions(captions)
    features = {split: measured(options, Path(folder), data, split, of_split) for split, of_split in names.items()}
    mentioned = {split: np.array([hits[name] for name in of_split]) for split, of_split in names.items()}
    shares = np.minimum(mentioned["train"].mean(axis=1) * 5 / 4, 1)  # two of five is a half
    silent = [
        [text for text, hit in zip(captions[name], hits[name], strict=True) if not hit] for name in names["train"]
    ]
    left = _left(mentioned["train"], options.clear_held)
    detector = learn_detector(
        "trunk", features["train"], shares, [caption_words(texts) for texts in silent], clear_held=left
    )
    truth = mentioned["judged"].sum(axis=1) >= 2
    alone = detector.scores(features["judged"])
    together = [  # each caption in turn is the one that a post has
        [
            judged.score >= judged.thresholds.review
            for judged in detector.judge(
                features["judged"], [caption_words([texts[at]]) for texts in map(captions.__getitem__, names["judged"])]
            )
        ]
        for at in range(CAPTIONS)
    ]
    silent_of_children = float((~mentioned["train"][mentioned["train"].sum(axis=1) >= 2]).mean())
    report(
        options,
        names["judged"],
        captions,
        mentioned["judged"],
        alone,
        np.array(together).T,
        truth,
        detector,
        silent_of_children,
    )


def _left(mentioned: np.ndarray, clear_held: float) -> float:
    """How many clear photos the detector may hold, when captions hold some of them already."""
    by_caption = mentioned[mentioned.sum(axis=1) < 2].mean()
    return max(0.01, float((clear_held - by_caption) / (1 - by_caption)))


def report(
    options: argparse.Namespace,
    names: list[str],
    captions: dict[str, list[str]],
    mentioned: np.ndarray,
    scores: np.ndarray,
    together: np.ndarray,
    truth: np.ndarray,
    detector: PhotoDetector,
    silent_of_children: float,
) -> None:
    """Print one table: each caption in turn is the one that a post has."""
    held = scores >= detector.thresholds.review
    ways = {
        "caption": mentioned,
        "photo": np.repeat(held[:, None], CAPTIONS, axis=1),
        "either": mentioned | held[:, None],
        "both": mentioned | together,
    }
    print(f"{len(truth)} photos, {truth.sum()} of children; photo alone: ROC AUC {auc(scores, truth):.4f}")
    figures: dict[str, float] = {"auc_photo": round(auc(scores, truth), 4)}
    for name, holds in ways.items():
        leak, clear = (~holds[truth]).mean(), holds[~truth].mean()
        low, high = boot(~holds[truth])
        below, above = boot(holds[~truth])
        print(f"{name:8} leaks {leak:6.1%} ({low:.1%} to {high:.1%}) of the photos of children,", end=" ")
        print(f"holds {clear:6.1%} ({below:.1%} to {above:.1%}) of the clear ones")
        figures |= {f"leak_{name}": round(float(leak), 4), f"held_clear_{name}": round(float(clear), 4)}
    figures["held_clear"] = figures["held_clear_both"]
    agreed = mentioned.sum(axis=1) >= 3
    leak, (low, high) = (~ways["both"][agreed]).mean(), boot(~ways["both"][agreed])
    figures["leak_agreed"] = round(float(leak), 4)
    print(
        f"... of the {agreed.sum()} of whom three captions or more mention a child {leak:.1%} ({low:.1%} to {high:.1%})"
    )
    learned = detector.figures
    print("held out in training, photo alone:", {name: learned[name] for name in ("auc", "child", "review")})
    if detector.caption_model:
        print("... with words:", {name: learned["with_words"][name] for name in ("auc", "child", "review")})
        leak = (1 - learned["with_words"]["review"]["recall"][0]) * silent_of_children
        figures["leak_held_out"] = round(leak, 4)
        print(f"... caption, and photo with its words: {leak:.1%} of the photos of children leak")
    for at in np.argsort(scores + 10 * (~truth | ways["both"].all(axis=1)))[: options.misses]:
        leaks = [text for text, holds in zip(captions[names[at]], ways["both"][at], strict=True) if not holds]
        if truth[at] and leaks:
            print(f"  {names[at]}: score {scores[at]:.3f}, {mentioned[at].sum()} of 5 mention a child; {leaks} pass")
    if options.json:
        print(json.dumps(figures))


def boot(leaks: np.ndarray, rounds: int = 2000) -> tuple[float, float]:
    """A 95 % interval over photos, each with all of its captions."""
    rng = np.random.default_rng(0)
    means = leaks.mean(axis=1)
    drawn = means[rng.integers(0, len(means), (rounds, len(means)))].mean(axis=1)
    if drawn.max() == drawn.min():
        return wilson(int(means.sum()), len(means))
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


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


def measured(options: argparse.Namespace, place: Path, data: Path, split: str, names: list[str]) -> np.ndarray:
    """What the encoder measured, from the folder that keeps it when it is there."""
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
    cache = options.features / f"{split}-{digest}.npy" if options.features and not options.quick else None
    if cache and cache.exists():
        return np.asarray(np.load(cache))
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "trunk.toml"
        spec.write_text(SPEC.format(network=place / "networks" / "inception_v3_trunk.onnx"))
        encoder = make_encoder("patches" if options.quick else str(spec))
        rows = []
        for at in range(0, len(names), AT_ONCE):
            photos = [decode((data / "photos" / name).read_bytes(), target=299) for name in names[at : at + AT_ONCE]]
            rows.append(encoder.features(photos))
    features = np.concatenate(rows)
    if cache:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, features)
    return features


if __name__ == "__main__":
    main()
