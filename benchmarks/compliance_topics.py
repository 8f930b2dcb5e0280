"""The topic net on real data: how many questions about children it catches in words that no rule knows, at what price.

A model learns from the captions of Flickr8k's train split; posts whose captions name a child by the lexicon do not
teach it, as in the product, and are counted in the net. The phrases of benchmarks/words are asked: those about children
with the words that the lexicon finds taken away, and the harmless ones.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parent.parent)  # not this folder, or `import http` would mean a file of it

import argparse
import json
import os

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.words.measure import phrases
from compliance.facts import Child
from compliance.lexicon import Lexicon, default_lexicon
from compliance.topic_net import Weaver
from ingest.document import make_document
from topic_model.recipe import Recipe
from topic_model.training import train

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,500 photos, ten passes.")
    parser.add_argument("--json", action="store_true", help="The last line is one JSON object.")
    parser.add_argument("--topics", type=int, default=100, help="Number of topics.")
    given = parser.parse_args()
    place = os.environ.get("PHOTOSENSE_REAL_DATA")
    if not place:
        print("PHOTOSENSE_REAL_DATA names no folder with real data: nothing was measured.")
        if given.json:
            print(json.dumps({"skipped": "no real data"}))
        return
    lexicon = default_lexicon()
    captions = read_captions(Path(place) / "flickr8k", 1500 if given.quick else 6000)
    kinds = [Child.CHILD if any(map(lexicon.find, texts)) else Child.CLEAR for texts in captions]
    documents = [make_document(texts) for texts in captions]
    recipe = Recipe(topics=given.topics, background=2, passes=10 if given.quick else 25, threads=2)
    model = train(
        [document for document, kind in zip(documents, kinds, strict=True) if kind is Child.CLEAR],
        recipe,
        encoder="none",
    )
    weaver = Weaver(model.id, model.topics)
    passing = zip(map(str, range(len(documents))), model.thetas(documents), kinds, strict=True)
    for _ in weaver.watch((post, theta, kind) for post, theta, kind in passing if theta is not None):
        pass
    net = weaver.net()

    def shares(texts: list[str]) -> np.ndarray:
        """The share of each phrase of which the model knows a word; 0 of the others, which nothing blocks."""
        thetas = (model.theta(make_document([text])) for text in texts)
        return np.array([0.0 if theta is None else net.share(theta) for theta in thetas])

    asked = {name: shares(texts) for name, texts in questions(lexicon).items()}
    table = Table(
        "refused from", *(f"{name} (of {len(found)}, {np.sum(found > 0)} known)" for name, found in asked.items())
    )
    for threshold in THRESHOLDS:
        table.add_row(f"{threshold}", *(f"{(found >= threshold).mean():.1%}" for found in asked.values()))
    Console().print(f"{net.posts} posts, {net.children} about children; topics: {np.sort(net.shares).round(2)}", table)
    harmless = np.sort(asked["harmless"])[::-1]
    least = float(np.nextafter(harmless[int(0.01 * len(harmless))], 1))
    caught = float((asked["about children"] >= least).mean())
    print(
        f"One in a hundred harmless phrases is refused from {least:.3f} on; then {caught:.1%} of those about children."
    )
    if given.json:
        found = {f"net_{name.replace(' ', '_')}_at_0.6": float((share >= 0.6).mean()) for name, share in asked.items()}
        print(json.dumps({**found, "net_threshold_at_1_percent": least, "net_caught_at_1_percent": caught}))


def questions(lexicon: Lexicon) -> dict[str, list[str]]:
    """The phrases; of those about children, what is left without the words that the lexicon finds."""
    left = [without(text, lexicon) for name in ("children", "fresh_children") for text in phrases(name)]
    return {
        "about children": [text for text in left if text and not lexicon.find(text)],
        "harmless": [
            text for name in ("harmless", "fresh_harmless") for text in phrases(name) if not lexicon.find(text)
        ],
    }


def without(text: str, lexicon: Lexicon) -> str:
    """The text without what the lexicon finds in it."""
    for finding in sorted(lexicon.find(text), key=lambda finding: -(finding.start or 0)):
        text = f"{text[: finding.start]} {text[finding.end :]}"
    return text.strip()


def read_captions(data: Path, most: int) -> list[list[str]]:
    """The captions of photos that teach."""
    names = (data / "splits" / "train.txt").read_text().split()[:most]
    found: dict[str, list[str]] = {name: [] for name in names}
    for line in (data / "captions.tsv").read_text("utf-8").splitlines():
        key, _, caption = line.partition("\t")
        found.get(key.partition("#")[0], []).append(caption)
    return list(found.values())


if __name__ == "__main__":
    main()
