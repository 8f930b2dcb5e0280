"""Ideas: how much of what people write they cover, and what it costs to widen a question by them.

Coverage is the share of the words that say something, each as often as it is written, which belong to some idea: of the
captions of Flickr8k and of Russian posts. What ideas bring to questions, in one language and across, is measured by
benchmarks/quality.py. It needs PHOTOSENSE_REAL_DATA.
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

from rich.console import Console

from topic_model.ideas.ideas import Ideas
from topic_model.ideas.open_ideas import open_ideas
from topic_model.ideas.widening import widen
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
    step = 10 if arguments.quick else 1
    texts = {"flickr8k": list(_captions(Path(data)))[::step], "russian_posts": list(_posts(Path(data)))[::step]}
    for name, written in texts.items():
        figures[f"covered_{name}"] = share = covered(written, ideas)
        console.print(f"Of {len(written)} texts of {name} {100 * share:.1f} % of the words belong to an idea")
    figures["milliseconds"] = _milliseconds(ideas, texts["flickr8k"][:1000])
    console.print(f"To widen a question takes {figures['milliseconds']:.3f} ms")
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
    parser.add_argument("--quick", action="store_true", help="a tenth of the texts")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
