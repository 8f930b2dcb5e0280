"""Questions about children in words that no rule knows, on real data: by telling words and by topics, at what price.

Telling words: each word by which Flickr8k's people name a child (of 20 photos of the train split or more) is taken out
of the lexicon in turn, and the telling words are found anew: once a site says of each photo whether it shows a child
(as two of five captions do), and once only the other words of the captions tell. What is asked are the captions of
other photos that name a child by that word and by no other; and the harmless phrases of benchmarks/words.

The topic net: a model learns from the captions of the train split; posts whose captions name a child by the lexicon do
not teach it, as in the product, and are counted in the net. The phrases of benchmarks/words are asked: those about
children with the words that the lexicon finds taken away, and the harmless ones.
"""

import argparse
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.words.measure import phrases
from compliance.facts import Child
from compliance.learned.telling_words import Shares, TellingWords, WordCounts, Wording
from compliance.learned.topic_net import TopicNetBuilder
from compliance.lexicon.lexicon import Lexicon, default_lexicon
from ingest.document import make_document
from topic_model.tokens import is_name, surfaces
from topic_model.training.recipe import Recipe
from topic_model.training.train import train

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
TELLING = (0.8, 0.9, 0.95, 0.98)
PHOTOS = 20
PEOPLE = 503  # the data name no authors


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,500 photos, ten passes.")
    parser.add_argument("--json", action="store_true", help="The last line is one JSON object.")
    parser.add_argument("--topics", type=int, default=100, help="Number of topics.")
    options = parser.parse_args()
    data = os.environ.get("PHOTOSENSE_REAL_DATA")
    if not data:
        print("PHOTOSENSE_REAL_DATA names no folder with real data: nothing was measured.")
        if options.json:
            print(json.dumps({"skipped": "no real data"}))
        return
    lexicon, flickr = default_lexicon(), Path(data) / "flickr8k"
    captions = read_captions(flickr, "train", 1500 if options.quick else 6000)
    others = [*read_captions(flickr, "dev", 1000), *read_captions(flickr, "judged", 1000)]
    figures = by_words(captions, others, lexicon) | by_topics(captions, lexicon, options.topics, quick=options.quick)
    if options.json:
        print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))


def by_words(captions: list[list[str]], others: list[list[str]], lexicon: Lexicon) -> dict[str, float]:
    """Hide the words that name children one by one, and see which telling words take their place."""
    mentions = [[naming(text, lexicon) for text in texts] for texts in captions]
    vocabularies = [{token for text in texts for token, _ in surfaces(text)} for texts in captions]
    about_child = [sum(map(bool, names)) >= 2 for names in mentions]
    questions = defaultdict(list)
    for text in (text for texts in others for text in texts):
        names = naming(text, lexicon)
        if len(names) == 1:
            questions[min(names)].append(text)
    frequency = Counter(name for names in mentions for name in set().union(*names))
    hidden = [name for name, photos in frequency.most_common() if photos >= PHOTOS and questions[name]]
    harmless = harmless_phrases(lexicon)
    figures: dict[str, float] = {}
    for source in ("by the site", "by other words"):
        shares = {
            name: tallied(
                captions,
                vocabularies,
                about_child if source == "by the site" else (any(of - {name} for of in names) for names in mentions),
            )
            for name in hidden
        }
        table = Table("telling from", "caught", "words", "harmless", title=f"children are told of {source}")
        for least in TELLING:
            caught = {name: shares[name].get(name, 0) >= least for name in hidden}
            of = np.average(list(caught.values()), weights=[len(questions[name]) for name in hidden])
            refused = np.mean(
                [TellingWords(shares[hidden[0]], least, surfaces).tells(text, lexicon) for text in harmless]
            )
            examples = ", ".join(name for name in hidden if caught[name])
            table.add_row(
                f"{least}", f"{of:.1%}", f"{sum(caught.values())} of {len(hidden)}: {examples}", f"{refused:.1%}"
            )
            if least == 0.9:
                key = f"telling_{source.replace(' ', '_')}"
                figures |= {f"{key}_caught": float(of), f"{key}_harmless": float(refused)}
        Console().print(table)
    print(f"Asked: {sum(len(questions[name]) for name in hidden)} captions, and {len(harmless)} harmless phrases.")
    return figures


def naming(text: str, lexicon: Lexicon) -> set[str]:
    """The words, as they are counted, by which the lexicon finds a child in a text."""
    return {token for finding in lexicon.find(text) for token, _ in surfaces(text[finding.start : finding.end])}


def tallied(captions: list[list[str]], vocabularies: list[set[str]], about_child: Iterable[bool]) -> Shares:
    """The telling words of posts, as if each five captions were those of five of 503 people."""
    counts, people = WordCounts(surfaces, is_name), cycle(f"u{number}" for number in range(PEOPLE))
    for texts, words, child in zip(captions, vocabularies, about_child, strict=True):
        wordings = [Wording(next(people), text) for text in texts]
        counts.count(words, Child.CHILD if child else Child.CLEAR, wordings)
    return counts.shares()


def by_topics(captions: list[list[str]], lexicon: Lexicon, topics: int, *, quick: bool) -> dict[str, float]:
    """Train, cast the topic net, and ask."""
    kinds = [Child.CHILD if any(map(lexicon.find, texts)) else Child.CLEAR for texts in captions]
    documents = [make_document(texts) for texts in captions]
    recipe = Recipe(topics=topics, background=2, passes=10 if quick else 25, threads=2)
    teaching = [document for document, kind in zip(documents, kinds, strict=True) if kind is Child.CLEAR]
    model = train(teaching, recipe, encoder="none")
    builder = TopicNetBuilder(model.id, model.topics)
    for theta, kind in zip(model.thetas(documents), kinds, strict=True):
        if theta is not None:
            builder.count(theta, kind)
    net = builder.net()

    def shares(texts: list[str]) -> np.ndarray:
        """The share of each phrase of which the model knows a word; 0 of the others, which nothing blocks."""
        thetas = (model.theta(make_document([text])) for text in texts)
        return np.array([0.0 if theta is None else net.share(theta) for theta in thetas])

    groups = {"about children": shares(bare_phrases(lexicon)), "harmless": shares(harmless_phrases(lexicon))}
    table = Table(
        "refused from", *(f"{name} (of {len(scores)}, {np.sum(scores > 0)} known)" for name, scores in groups.items())
    )
    for threshold in THRESHOLDS:
        table.add_row(f"{threshold}", *(f"{(scores >= threshold).mean():.1%}" for scores in groups.values()))
    Console().print(f"{net.posts} posts, {net.children} about children; topics: {np.sort(net.shares).round(2)}", table)
    harmless = np.sort(groups["harmless"])[::-1]
    least = float(np.nextafter(harmless[int(0.01 * len(harmless))], 1))
    recall = float((groups["about children"] >= least).mean())
    print(
        f"One in a hundred harmless phrases is refused from {least:.3f} on; then {recall:.1%} of those about children."
    )
    at = {f"net_{name.replace(' ', '_')}_at_0.6": float((share >= 0.6).mean()) for name, share in groups.items()}
    return {**at, "net_threshold_at_1_percent": least, "net_caught_at_1_percent": recall}


def bare_phrases(lexicon: Lexicon) -> list[str]:
    """What is left of the phrases about children without the words that the lexicon finds."""
    left = [without(text, lexicon) for name in ("children", "fresh_children") for text in phrases(name)]
    return [text for text in left if text and not lexicon.find(text)]


def harmless_phrases(lexicon: Lexicon) -> list[str]:
    """The harmless phrases that the lexicon lets pass."""
    return [text for name in ("harmless", "fresh_harmless") for text in phrases(name) if not lexicon.find(text)]


def without(text: str, lexicon: Lexicon) -> str:
    """The text without what the lexicon finds in it."""
    for finding in sorted(lexicon.find(text), key=lambda finding: -(finding.start or 0)):
        text = f"{text[: finding.start]} {text[finding.end :]}"
    return text.strip()


def read_captions(flickr: Path, split: str, most: int) -> list[list[str]]:
    """The captions of the photos of a split."""
    names = (flickr / "splits" / f"{split}.txt").read_text().split()[:most]
    captions: dict[str, list[str]] = {name: [] for name in names}
    for line in (flickr / "captions.tsv").read_text("utf-8").splitlines():
        key, _, caption = line.partition("\t")
        captions.get(key.partition("#")[0], []).append(caption)
    return list(captions.values())


if __name__ == "__main__":
    main()
