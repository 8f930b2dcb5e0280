"""Networks singly and together: how long each looks at a photo, and how well captions find photos by what it measured.

On Flickr8k, learned from the train split, measured on the judged one: each caption asks for its photo, of which nothing
but the features is known. It is the aligned arm alone, without topics, so that a row takes minutes: what networks bring
can be compared, and the whole search finds more. It needs PHOTOSENSE_REAL_DATA; `--cache FOLDER` keeps what was seen.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.flickr.corpus import Corpus, read_corpus
from benchmarks.flickr.networks import encoders_of, look_at
from benchmarks.flickr.rivals import ranks_of
from common.arrays import Float32
from ingest.document import make_document
from topic_model.alignment.aligned import align
from topic_model.alignment.axes import principal_axes
from topic_model.alignment.contrast import Saying, contrast
from topic_model.document import TEXT, Document
from topic_model.vocabulary import TokenBounds, build_vocabulary

CAPTIONS = 5
KS = (1, 5, 10)
TOGETHER = (
    ("patches", "EfficientNet-Lite2"),
    ("Inception-v3 trunk", "MobileNetV2"),
    ("EfficientNet-Lite2", "CenterNet"),
    ("Inception-v3 trunk", "MobileNetV2", "EfficientNet-Lite2"),
    ("Inception-v3 trunk", "MobileNetV2", "EfficientNet-Lite2", "CenterNet"),
)


class Captions:
    """What teaches, and what asks: the captions of the photos to learn from and of those that are searched."""

    def __init__(self, corpus: Corpus, train: Sequence[str], searched: Sequence[str]) -> None:
        self.taught = [[Saying(make_document([text])) for text in corpus.captions[name][:CAPTIONS]] for name in train]
        self.posts: list[Document] = [make_document(corpus.captions[name][:CAPTIONS]) for name in train]
        self.vocabulary = build_vocabulary(self.posts, [TEXT], {TEXT: TokenBounds(min_documents=3)})
        self.queries = [make_document([text]) for name in searched for text in corpus.captions[name][:CAPTIONS]]
        self.right = [row for row in range(len(searched)) for _ in range(CAPTIONS)]

    def recalls(self, features: Float32) -> list[float]:
        """R@1, 5 and 10 of the photos behind those that teach, by their features alone."""
        count = len(self.posts)
        correlated = align(features[:count], self.posts, self.vocabulary)
        assert correlated is not None
        aligned = contrast(correlated, features[:count], self.taught)
        photos = aligned.of_posts(features[count:], [{}] * (len(features) - count))
        ranks = ranks_of((aligned.of_texts(self.queries) @ photos.T).astype(np.float64), self.right)
        return [float((ranks <= k).mean()) for k in KS]


def main() -> None:
    """Measure and print; with --json one object at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 photos to learn from, 60 to search; seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--cache", type=Path, help="a folder for what was seen in the photos")
    options = parser.parse_args()
    console = Console(stderr=options.json)
    data = os.environ.get("PHOTOSENSE_REAL_DATA")
    if not data:
        console.print("PHOTOSENSE_REAL_DATA names no folder of real data: nothing can be measured.")
        if options.json:
            print(json.dumps({"skipped": "PHOTOSENSE_REAL_DATA is not set"}))
        return
    corpus = read_corpus(Path(data))
    sizes = (300, 60) if options.quick else (len(corpus.splits["train"]), len(corpus.splits["judged"]))
    train, searched = corpus.splits["train"][: sizes[0]], corpus.splits["judged"][: sizes[1]]
    encoders = encoders_of(Path(data) / "networks")
    seen = {name: look_at(encoder, corpus, [*train, *searched], options.cache) for name, encoder in encoders.items()}
    captions = Captions(corpus, train, searched)
    table = Table("networks", "ms a photo", "numbers", *(f"R@{k}" for k in KS))
    figures: dict[str, float] = {}
    for names in [*((name,) for name in encoders), *TOGETHER]:
        features = np.concatenate([seen[name].features for name in names], axis=1)
        size = features.shape[1]
        axes = principal_axes(features[: len(train)])
        if axes is not None:
            features = axes.project(features)
        recalls, milliseconds = captions.recalls(features), sum(seen[name].milliseconds for name in names)
        table.add_row(
            " + ".join(names), f"{milliseconds:.1f}", str(size), *(f"{100 * recall:.1f}" for recall in recalls)
        )
        key = "_".join(name.split()[0].lower() for name in names)
        figures[f"{key}_ms"] = round(milliseconds, 2)
        figures |= {f"{key}_r{k}": round(recall, 4) for k, recall in zip(KS, recalls, strict=True)}
    console.print(table)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
