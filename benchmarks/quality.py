"""Quality: how well photos are found on Flickr8k, beside BM25, CCA alone, words alone and image2pic's way.

Learned from the train split, measured on the judged one; nothing of the judged photos is learned from. Cold: nothing
but the photo is indexed, each of its five captions asks. Warm: the photo and four captions are indexed, the fifth asks.
What is measured is what a visitor gets: a store on disk, the gate's filter, all arms, the last ordering. Intervals are
95 %, by bootstrap over photos. It needs PHOTOSENSE_REAL_DATA; `--cache FOLDER` keeps what was seen in the photos.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from api.search.candidates import lawful
from api.search.question import Mode
from benchmarks.flickr.ablation import ablation, standard
from benchmarks.flickr.corpus import Corpus, Sight, read_corpus, see_all
from benchmarks.flickr.matching import measure_match
from benchmarks.flickr.rivals import bm25, cca, image2pic, ranks_of
from benchmarks.flickr.russian import read_questions
from benchmarks.flickr.searching import hits_of, query_of, ranks_in, store_of
from common.arrays import Bool, Float64
from compliance.gate import Gate
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from ingest.document import make_document
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA
from topic_model.alignment.aligned import align
from topic_model.alignment.contrast import Saying, contrast
from topic_model.document import IMAGE, TEXT, Document
from topic_model.ideas.open_ideas import open_ideas
from topic_model.ideas.widening import widen
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.training.train import train, with_aligned
from topic_model.vocabulary import TokenBounds

CAPTIONS = 5
BOUNDS = {TEXT: TokenBounds(min_documents=3), IMAGE: TokenBounds(max_share=1.0)}
RECIPE = Recipe(topics=300, background=0, committee=3, regularisers=(), weights={TEXT: 1.0, IMAGE: 3.0}, bounds=BOUNDS)
KS = (1, 5, 10)


class World:
    """The corpus as Documents: what is learned from, and what is searched."""

    def __init__(self, corpus: Corpus, sight: Sight, train_names: Sequence[str], names: Sequence[str]) -> None:
        self.captions = corpus.captions
        self.sight = sight
        self.train_names, self.names = train_names, names
        self.taught = [self.post(name, range(CAPTIONS)) for name in train_names]
        self.photos = [self.post(name, ()) for name in names]
        self.features = np.stack([sight.features[name] for name in names])
        self.queries = [make_document([self.captions[name][n]]) for name in names for n in range(CAPTIONS)]
        self.right = [row for row in range(len(names)) for _ in range(CAPTIONS)]
        ideas = open_ideas()
        self.widenings = [widen([self.captions[name][n]], ideas) for name in names for n in range(CAPTIONS)]
        self.russian = read_questions(names)
        self.in_russian = [make_document([question.text]) for question in self.russian]
        self.meanings = [widen([question.text], ideas) for question in self.russian]

    def post(self, name: str, captions: Sequence[int]) -> Document:
        """A post with the photo and some of its captions."""
        return make_document([self.captions[name][n] for n in captions], (), self.sight.words[name])

    def learn(self, recipe: Recipe) -> TopicModel:
        """A model of the photos to learn from, which places photos among texts; `rival` does it by CCA alone."""
        model = train(self.taught, recipe, encoder=self.sight.encoder)
        features = np.stack([self.sight.features[name] for name in self.train_names])
        correlated = align(features, self.taught, model.vocabulary)
        assert correlated is not None
        self.rival = with_aligned(model, correlated)
        sayings = [
            [Saying(make_document([caption]), caption) for caption in self.captions[name][:CAPTIONS]]
            for name in self.train_names
        ]
        return with_aligned(model, contrast(correlated, features, sayings))

    def near(self, model: TopicModel) -> Float64:
        """Cosines of questions and photos where the model places them, queries x photos."""
        assert model.aligned is not None
        of_photos = model.aligned.of_posts(self.features, self.photos)
        return (model.aligned.of_texts(self.queries) @ of_photos.T).astype(np.float64)


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
    corpus = read_corpus(Path(data))
    size = (300, 60) if arguments.quick else (len(corpus.splits["train"]), len(corpus.splits["judged"]))
    train_names, names = corpus.splits["train"][: size[0]], corpus.splits["judged"][: size[1]]
    sight = see_all(corpus, Path(data) / "networks", train_names, names, arguments.cache)
    world = World(corpus, sight, train_names, names)
    recipe = replace(RECIPE, topics=30, passes=10) if arguments.quick else RECIPE
    begun = time.perf_counter()
    model = world.learn(recipe)
    learned = time.perf_counter() - begun
    console.print(
        f"{len(train_names)} photos to learn from, {len(names)} searched; {recipe.committee} x {recipe.topics} topics "
        f"learned in {learned:.0f} s"
    )
    figures: dict[str, Any] = {}
    measure_cold(world, model, recipe, figures, console)
    if arguments.ablation:
        steps = ablation(
            world.taught, world.photos, world.queries, world.right, recipe, model, aligned_arms(world, model)
        )
        _print("Cold, one ingredient after another, all photos ordered", steps, console)
    measure_warm(world, model, figures, console)
    figures["with_sense_top5"] = with_sense(world, model)
    console.print(f"With Sense's question, the right one of 100 photos among five: {figures['with_sense_top5']:.3f}")
    figures |= measure_match(corpus, sight, model, console)
    measure_time(20_000 if arguments.quick else 100_000, model, world, figures, console)
    if arguments.json:
        print(json.dumps(figures))


def aligned_arms(world: World, model: TopicModel) -> dict[str, Float64]:
    """What each way to align adds to the likelihood, with the weight that it has."""
    lonely = replace(model, aligned=model.aligned and replace(model.aligned, crowd=model.aligned.crowd[:0]))
    arms = {"the aligned arm as well": world.rival, "refined by contrast": lonely, "less for crowded places": model}
    return {name: of.ranking.aligned * standard(world.near(of)) for name, of in arms.items()}


def measure_cold(world: World, model: TopicModel, recipe: Recipe, figures: dict[str, Any], console: Console) -> None:
    """Nothing but the photo is indexed."""
    right = [world.names[row] for row in world.right]
    rows: dict[str, Float64] = {}
    with store_of(world.names, world.photos, world.features, model) as store:
        rows["photosense"] = ranks_in(store, world.queries, right, model, widenings=world.widenings)
        rows["... not widened by ideas"] = ranks_in(store, world.queries, right, model)
        rows["... without the aligned arm"] = ranks_in(store, world.queries, right, replace(model, aligned=None))
        rows["... topics alone, L1"] = ranks_in(store, world.queries, right, model, Mode.TOPICS)
        russian = ranks_in_russian(store, world, model)
    rows["CCA alone"] = ranks_of(cca(world.queries, world.features, world.rival), world.right).astype(float)
    topics = min(100, recipe.topics)
    for name, scores in image2pic(world.taught, world.queries, world.photos, topics, recipe.threads).items():
        rows[f"image2pic's way, {name}"] = ranks_of(scores, world.right).astype(float)
    figures |= _named("cold", _print("Cold: only photos are indexed", rows, console), "photosense")
    figures |= _named("cca", _shares(rows["CCA alone"]), None)
    figures |= _russian("cold", "Cold, asked in Russian, learned from English", russian, world, console)


def ranks_in_russian(store: Store, world: World, model: TopicModel) -> dict[str, Float64]:
    """Questions in Russian: as a visitor gets answers, and without ideas."""
    right = [question.photo for question in world.russian]
    return {
        "photosense": ranks_in(store, world.in_russian, right, model, widenings=world.meanings),
        "... not widened by ideas": ranks_in(store, world.in_russian, right, model),
    }


def measure_warm(world: World, model: TopicModel, figures: dict[str, Any], console: Console) -> None:
    """Four captions are indexed with the photo, the fifth asks; each caption in its turn."""
    parts: dict[str, list[Float64]] = {}
    for turn in range(CAPTIONS):
        posts = [world.post(name, [n for n in range(CAPTIONS) if n != turn]) for name in world.names]
        queries = world.queries[turn::CAPTIONS]
        numbers = list(range(len(world.names)))
        with store_of(world.names, posts, world.features, model) as store:
            parts.setdefault("photosense", []).append(
                ranks_in(store, queries, world.names, model, widenings=world.widenings[turn::CAPTIONS])
            )
            parts.setdefault("... not widened by ideas", []).append(ranks_in(store, queries, world.names, model))
            only = ranks_in(store, queries, world.names, model, Mode.WORDS)
            parts.setdefault("words alone", []).append(only)
            if turn == 0:
                russian = ranks_in_russian(store, world, model)
        parts.setdefault("BM25", []).append(ranks_of(bm25(queries, posts), numbers).astype(float))
    rows = {name: np.stack(ranks, axis=1).ravel() for name, ranks in parts.items()}
    shares = _print("Warm: photos and four captions are indexed", rows, console)
    figures |= _named("warm", shares, "photosense") | _named("bm25", shares, "BM25")
    figures |= _russian("warm", "Warm, asked in Russian, captions in English", russian, world, console)


def with_sense(world: World, model: TopicModel) -> float:
    """Share of questions whose photo is among the first five of 100, drawn anew for each question."""
    rng = np.random.default_rng(0)
    with store_of(world.names, world.photos, world.features, model) as store:
        order = _full_order(store, world, model)
    successes = []
    for row, right in enumerate(world.right):
        others = rng.choice(np.delete(np.arange(len(world.names)), right), min(99, len(world.names) - 1), replace=False)
        better = sum(order[row][other] < order[row][right] for other in others)
        successes.append(better < 5)
    return float(np.mean(successes))


def _full_order(store: Any, world: World, model: TopicModel) -> list[dict[int, float]]:
    """For each query the place of every photo in the answer; those that were not found come last."""
    gate = Gate(load_policy(), default_lexicon())
    number = {name: row for row, name in enumerate(world.names)}
    places = []
    for query in world.queries:
        hits = hits_of(query_of(query, model), store, gate, model)
        of_query = dict.fromkeys(range(len(world.names)), float("inf"))
        places.append(of_query | {number[hit.point.id]: float(rank) for rank, hit in enumerate(hits)})
    return places


def measure_time(size: int, model: TopicModel, world: World, figures: dict[str, Any], console: Console) -> None:
    """One question of words among many posts: the arm of topics alone, then all arms and the last ordering."""
    rng = np.random.default_rng(0)
    names, posts, features = [], [], []
    for n in range(size):
        one, other = rng.integers(0, len(world.names), 2)
        names.append(f"post-{n}")
        posts.append({TEXT: world.taught[int(one) % len(world.taught)][TEXT], IMAGE: world.photos[int(other)][IMAGE]})
        features.append(world.features[int(other)] + rng.normal(scale=0.3, size=world.features.shape[1]))
    gate = Gate(load_policy(), default_lexicon())
    rule = gate.policy.strictest
    questions = [query_of(query, model) for query in world.queries[:200]]
    questions = [question for question in questions if question.theta is not None]
    with store_of(names, posts, np.array(features, np.float32), model) as store:
        allowed = lawful(rule, gate)
        rivals: dict[str, Callable[[Any], Any]] = {
            "topics alone": lambda question: store.candidates(
                Search(100, {THETA: Target(question.theta)}, filter=allowed)
            ),
            "all arms and ordering": lambda question: hits_of(question, store, gate, model),
        }
        milliseconds: dict[str, list[float]] = {name: [] for name in rivals}
        for question in questions:
            for name, ask in rivals.items():
                begun = time.perf_counter()
                ask(question)
                milliseconds[name].append((time.perf_counter() - begun) * 1000)
    medians = {name: statistics.median(times) for name, times in milliseconds.items()}
    alone, whole = medians.values()
    figures["whole_vs_topics"] = whole / alone
    console.print(
        f"One question among {size} posts: topics alone {alone:.1f} ms, all arms and the last ordering {whole:.1f} ms "
        f"({whole / alone:.2f}x)"
    )


def _russian(prefix: str, title: str, rows: dict[str, Float64], world: World, console: Console) -> dict[str, float]:
    """Print what was found of both lists, and of each; give the figures of both."""
    lists = np.array([question.of_list for question in world.russian])
    ours = rows["photosense"]
    parts = {f"... list {name}": ours[lists == name] for name in dict.fromkeys(lists.tolist())}
    shares = _print(title, {**rows, **parts}, console, of_one_photo=1)
    return _named(f"ru_{prefix}", shares, "photosense")


def _shares(ranks: Float64) -> dict[str, dict[int, float]]:
    return {"": {k: float((ranks <= k).mean()) for k in KS}}


def _named(prefix: str, shares: dict[str, dict[int, float]], name: str | None) -> dict[str, float]:
    return {f"{prefix}_r{k}": round(share, 4) for k, share in shares[name or ""].items()}


def _print(
    title: str, rows: dict[str, Float64], console: Console, of_one_photo: int = CAPTIONS
) -> dict[str, dict[int, float]]:
    table = Table(title=title)
    table.add_column("")
    for heading in (*(f"R@{k}" for k in KS), "median rank"):
        table.add_column(heading, justify="right")
    for name, ranks in rows.items():
        cells = [f"{100 * (ranks <= k).mean():.1f} ± {100 * _half_width(ranks <= k, of_one_photo):.1f}" for k in KS]
        table.add_row(name, *cells, f"{np.median(ranks):.0f}")
    console.print(table)
    return {name: _shares(ranks)[""] for name, ranks in rows.items()}


def _half_width(successes: Bool, of_one_photo: int, rounds: int = 1000) -> float:
    """Half of the 95 % interval of the mean, by bootstrap over photos: captions of one photo go together."""
    by_photo = successes.reshape(-1, of_one_photo).mean(axis=1)
    rng = np.random.default_rng(0)
    means = by_photo[rng.integers(0, len(by_photo), (rounds, len(by_photo)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(high - low) / 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 photos to learn from, 60 to search; seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--ablation", action="store_true", help="what each ingredient brings; learns three more models")
    parser.add_argument("--cache", type=Path, help="a folder for what was seen in the photos")
    return parser.parse_args()


if __name__ == "__main__":
    main()
