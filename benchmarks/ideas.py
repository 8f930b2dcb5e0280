"""Ideas: how much of what people write they cover, and what they bring to questions, in one language and across.

Coverage is the share of the words that say something, each as often as it is written, which belong to some idea: of the
captions of Flickr8k and of Russian posts. Searching is measured on the judged photos, learned from English captions of
others alone: English questions with and without ideas, and Russian ones from `--questions FILES`, each a line
`photo <tab> question`. Cold: nothing but the photo is indexed; warm: its English captions as well (for an English
question, the other four). It needs PHOTOSENSE_REAL_DATA; `--cache FOLDER` keeps what was seen in the photos.
"""

import argparse
import csv
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.flickr.corpus import read_corpus, see_all
from benchmarks.flickr.searching import ranks_in, store_of
from benchmarks.quality import CAPTIONS, KS, RECIPE, World
from common.arrays import Float64
from ingest.document import make_document
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.open_ideas import open_ideas
from topic_model.ideas.widening import Widening, widen
from topic_model.model import TopicModel
from topic_model.tokens import surfaces

WIDTH = 2_000_000  # characters of a field of a CSV of posts, at most


def main() -> None:
    """Measure, print for people, and with --json one object at the end."""
    arguments = _arguments()
    console = Console(stderr=arguments.json)
    data = os.environ.get("PHOTOSENSE_REAL_DATA")
    if not data:
        console.print("PHOTOSENSE_REAL_DATA names no folder of real data: nothing can be measured.")
        if arguments.json:
            print(json.dumps({"skipped": "PHOTOSENSE_REAL_DATA is not set"}))
        return
    ideas = open_ideas()
    figures: dict[str, Any] = {"ideas": len(ideas.all)}
    console.print(f"{len(ideas.all)} ideas, {len(ideas.ambiguous())} ambiguous words among them")
    texts = {"flickr8k": list(_captions(Path(data))), "russian_posts": list(_posts(Path(data)))}
    for name, written in texts.items():
        figures[f"covered_{name}"] = share = covered(written, ideas)
        console.print(f"Of {len(written)} texts of {name} {100 * share:.1f} % of the words belong to an idea")
    figures["milliseconds"] = _milliseconds(ideas, texts["flickr8k"][:1000])
    console.print(f"To widen a question takes {figures['milliseconds']:.3f} ms")
    if arguments.coverage:
        console.print("Searching was not measured.")
    else:
        figures |= _searching(Path(data), ideas, arguments, console)
    if arguments.json:
        print(json.dumps(figures))


def covered(texts: Iterable[str], ideas: Ideas) -> float:
    """The share of the words of texts that belong to some idea."""
    words: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for text in texts:
        words.update(token for token, _ in surfaces(text))
        for meaning in ideas.read([text]):
            known.update(token for token in meaning.tokens if not token.isdigit())
    return known.total() / max(words.total(), 1)


def _searching(data: Path, ideas: Ideas, arguments: argparse.Namespace, console: Console) -> dict[str, float]:
    corpus = read_corpus(data)
    size = (300, 60) if arguments.quick else (len(corpus.splits["train"]), len(corpus.splits["judged"]))
    train_names, names = corpus.splits["train"][: size[0]], corpus.splits["judged"][: size[1]]
    sight = see_all(corpus, data / "networks", train_names, names, arguments.cache)
    world = World(corpus, sight, train_names, names)
    model = world.learn(RECIPE)
    captions = [caption for name in names for caption in corpus.captions[name][:CAPTIONS]]
    widened = [widen([caption], ideas) for caption in captions]
    rows: dict[str, Float64] = {}
    right = [world.names[row] for row in world.right]
    with store_of(names, world.photos, world.features, model) as cold:
        rows["cold, English"] = ranks_in(cold, world.queries, right, model)
        rows["cold, English, widened"] = ranks_in(cold, world.queries, right, model, widenings=widened)
        for file in arguments.questions:
            rows[f"cold, {file.stem}"] = _asked(file, names, cold, model, ideas)
    rows |= _warm(world, model, widened)
    everything = [world.post(name, range(CAPTIONS)) for name in names]
    with store_of(names, everything, world.features, model) as warm:
        for file in arguments.questions:
            rows[f"warm, {file.stem}"] = _asked(file, names, warm, model, ideas)
    table = Table(title=f"{len(names)} photos, learned from {len(train_names)} with English captions")
    for heading in ("", "questions", *(f"R@{k}" for k in KS), "median rank"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, ranks in rows.items():
        cells = (f"{100 * (ranks <= k).mean():.1f}" for k in KS)
        table.add_row(name, str(len(ranks)), *cells, f"{np.median(ranks):.0f}")
    console.print(table)
    return {f"{name} R@{k}": round(float((ranks <= k).mean()), 4) for name, ranks in rows.items() for k in KS}


def _warm(world: World, model: TopicModel, widened: Sequence[Widening]) -> dict[str, Float64]:
    """Four captions are indexed with the photo, the fifth asks, as it is and widened."""
    parts: dict[str, list[Float64]] = {"warm, English": [], "warm, English, widened": []}
    for turn in range(CAPTIONS):
        posts = [world.post(name, [n for n in range(CAPTIONS) if n != turn]) for name in world.names]
        queries = world.queries[turn::CAPTIONS]
        with store_of(world.names, posts, world.features, model) as store:
            plain, more = parts.values()
            plain.append(ranks_in(store, queries, world.names, model))
            more.append(ranks_in(store, queries, world.names, model, widenings=widened[turn::CAPTIONS]))
    return {name: np.stack(ranks, axis=1).ravel() for name, ranks in parts.items()}


def _asked(file: Path, names: Sequence[str], store: Any, model: TopicModel, ideas: Ideas) -> Float64:
    """The ranks of the photos that the questions of a file are about; those about other photos are passed over."""
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if "\t" in line)
    asked = [(name, question) for name, question, *_ in lines if name in set(names)]
    widenings = [widen([question], ideas) for _, question in asked]
    documents = [make_document([question]) for _, question in asked]
    return ranks_in(store, documents, [name for name, _ in asked], model, widenings=widenings)


def _captions(data: Path) -> Iterator[str]:
    for line in (data / "flickr8k" / "captions.tsv").read_text("utf-8").splitlines():
        yield line.split("\t")[1]


def _posts(data: Path) -> Iterator[str]:
    csv.field_size_limit(WIDTH)
    for file in sorted((data / "russian_posts").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            yield from (row["text"] for row in csv.DictReader(lines) if row.get("text"))


def _milliseconds(ideas: Ideas, texts: Sequence[str]) -> float:
    ask: Callable[[], object] = lambda: [widen([text], ideas) for text in texts]  # noqa: E731
    ask()
    begun = time.process_time()
    ask()
    return (time.process_time() - begun) * 1000 / len(texts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 photos to learn from, 60 to search")
    parser.add_argument("--coverage", action="store_true", help="coverage alone; seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--questions", type=Path, nargs="*", default=[], help="files of `photo <tab> question`")
    parser.add_argument("--cache", type=Path, help="a folder for what was seen in the photos")
    return parser.parse_args()


if __name__ == "__main__":
    main()
