"""Quality: how well photos are found on Flickr8k, beside BM25, CCA alone, words alone and image2pic's way.

Learned from the train split, measured on the judged one; nothing of the judged photos is learned from. Cold: nothing
but the photo is indexed, each of its five captions asks. Warm: the photo and four captions are indexed, the fifth asks.
What is measured is what a visitor gets: a store on disk, the gate's filter, all arms, the last ordering. Intervals are
95 %, by bootstrap over photos. It needs PHOTOSENSE_REAL_DATA; `--cache FOLDER` keeps what was seen in the photos. With
`--text-encoder FILE` all networks of the real data see, and photos are placed among texts by what texts mean to that
encoder as well; with `--beside` what two networks and words alone find stands beside it, with topics of their own.
As in training, the odds are calibrated on captions that nobody learned from: those of the dev split.
"""

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from api.search.candidates import lawful
from api.search.question import Mode
from benchmarks.flickr.ablation import ablation, standard
from benchmarks.flickr.corpus import ALL, TWO, Corpus, Sight, read_corpus, see_all, see_plainly
from benchmarks.flickr.matching import measure_match
from benchmarks.flickr.rivals import bm25, cca, image2pic, ranks_of
from benchmarks.flickr.russian import read_questions
from benchmarks.flickr.searching import found_in, hits_of, query_of, ranks_among, ranks_in, store_of
from common.arrays import Bool, Float32, Float64
from compliance.gate import Gate
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from ingest.document import make_document
from photosense.settings import Settings
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA
from topic_model.alignment.aligned import align
from topic_model.alignment.contrast import Saying, contrast
from topic_model.alignment.reader import TextReader
from topic_model.document import IMAGE, TEXT, Document
from topic_model.ideas.open_ideas import open_ideas
from topic_model.ideas.widening import widen
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.training.train import train, with_aligned
from topic_model.vocabulary import TokenBounds
from training.match.calibration import HeldPost, calibrate
from vision.make_encoder import make_encoder
from vision.text.text_encoder import make_text_encoder

CAPTIONS = 5
BOUNDS = {TEXT: TokenBounds(min_documents=3), IMAGE: TokenBounds(max_share=1.0)}
RECIPE = Recipe(topics=300, background=0, committee=3, regularisers=(), weights={TEXT: 1.0, IMAGE: 3.0}, bounds=BOUNDS)
KS = (1, 5, 10)
BEFORE = "... by two networks, and by words alone"


class World:
    """The corpus as Documents: what is learned from, and what is searched."""

    def __init__(self, corpus: Corpus, sight: Sight, split: "Split") -> None:
        self.captions = corpus.captions
        self.sight = sight
        train_names, names, self.held = split
        self.train_names, self.names = train_names, names
        self.taught = [self.post(name, range(CAPTIONS)) for name in train_names]
        self.photos = [self.post(name, ()) for name in names]
        self.texts = [self.captions[name][n] for name in names for n in range(CAPTIONS)]
        self.queries = [make_document([text]) for text in self.texts]
        self.right = [row for row in range(len(names)) for _ in range(CAPTIONS)]
        self.ideas = ideas = open_ideas()
        self.widenings = [widen([text], ideas) for text in self.texts]
        self.russian = read_questions(names)
        self.in_russian = [make_document([question.text]) for question in self.russian]
        self.meanings = [widen([question.text], ideas) for question in self.russian]

    def post(self, name: str, captions: Sequence[int]) -> Document:
        """A post with the photo and some of its captions."""
        return make_document([self.captions[name][n] for n in captions], (), self.sight.words[name])

    def but_one(self, turn: int) -> list[Document]:
        """The searched posts with all of their captions but one."""
        return [self.post(name, [n for n in range(CAPTIONS) if n != turn]) for name in self.names]

    def place(self, model: TopicModel, reader: TextReader | None = None) -> "Placed":
        """The model with photos placed among texts, by what was measured and by what texts mean to a reader."""
        features = self.sight.features
        measured = np.stack([features[name] for name in self.train_names])
        correlated = align(measured, self.taught, model.vocabulary)
        assert correlated is not None
        sayings = [
            [Saying(make_document([caption]), caption) for caption in self.captions[name][:CAPTIONS]]
            for name in self.train_names
        ]
        refined = with_aligned(model, contrast(correlated, measured, sayings, reader=reader))
        of_judged = np.stack([features[name] for name in self.names])
        return Placed(self.calibrated(refined), with_aligned(model, correlated), of_judged)

    def calibrated(self, model: TopicModel) -> TopicModel:
        """The model with the odds that captions tell which nobody learned from."""
        held = [
            HeldPost(self.captions[name], {}, {IMAGE: self.sight.words[name]}, self.sight.features[name])
            for name in self.held
        ]
        return replace(model, ranking=replace(model.ranking, lines=calibrate(model, held, self.ideas)))

    def near(self, model: TopicModel, features: Float32) -> Float64:
        """Cosines of questions and photos where the model places them, queries x photos."""
        assert model.aligned is not None
        of_photos = model.aligned.of_posts(features, self.photos)
        texts = [[text] for text in self.texts]
        return (model.aligned.of_texts(self.queries, texts) @ of_photos.T).astype(np.float64)


class Split(NamedTuple):
    """Names of the photos that teach, of those that are searched, and of those whose captions calibrate the odds."""

    train: Sequence[str]
    searched: Sequence[str]
    held: Sequence[str]


class Placed(NamedTuple):
    """A model that places photos among texts, its rival that does it by CCA alone, and the features of the searched."""

    model: TopicModel
    rival: TopicModel
    features: Float32


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
    sizes = (300, 60, 30) if arguments.quick else (None, None, None)
    kinds = ("train", "judged", "dev")
    split = Split(*(corpus.splits[kind][:size] for kind, size in zip(kinds, sizes, strict=True)))
    recipe = Settings().recipe(len(split.train)) if arguments.usual else RECIPE
    recipe = replace(recipe, topics=30, passes=10) if arguments.quick else recipe

    def learned(networks: Mapping[str, str], reader: TextReader | None) -> tuple[World, Placed]:
        others = [*split.searched, *split.held]
        if arguments.encoder:
            sight = see_plainly(corpus, make_encoder(*arguments.encoder), [*split.train, *others], cache)
        else:
            sight = see_all(corpus, Path(data) / "networks", split.train, others, cache, networks)
        world = World(corpus, sight, split)
        begun = time.perf_counter()
        topics = train(world.taught, recipe, encoder=sight.encoder)
        console.print(
            f"{len(split.train)} photos to learn from, {len(split.searched)} searched, {sight.encoder} sees; "
            f"{recipe.committee} x {recipe.topics} topics learned in {time.perf_counter() - begun:.0f} s"
        )
        begun = time.perf_counter()
        placed = world.place(topics, reader)
        console.print(f"Placed among texts, and the odds calibrated, in {time.perf_counter() - begun:.0f} s")
        return world, placed

    cache = arguments.cache
    reader = make_text_encoder(arguments.text_encoder) if arguments.text_encoder else None
    world, placed = learned(ALL if reader else TWO, reader)
    before = learned(TWO, None) if reader and arguments.beside else None
    figures: dict[str, Any] = {}
    found = measure_cold(world, placed, before, recipe, figures, console, short=arguments.short)
    if arguments.ablation:
        steps = ablation(
            world.taught, world.photos, world.queries, world.right, recipe, placed.model, aligned_arms(world, placed)
        )
        _print("Cold, one ingredient after another, all photos ordered", steps, console)
    figures["with_sense_top5"] = with_sense(world, found)
    console.print(f"With Sense's question, the right one of 100 photos among five: {figures['with_sense_top5']:.3f}")
    figures |= measure_match(corpus, world.sight, placed.model, console)
    measure_warm(world, placed, before, figures, console, short=arguments.short)
    if not arguments.short:
        measure_time(20_000 if arguments.quick else 100_000, placed, world, figures, console)
    figures["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if arguments.json:
        print(json.dumps(figures))


def aligned_arms(world: World, placed: Placed) -> dict[str, Float64]:
    """What each way to align adds to the likelihood, with the weight that it has."""
    model = placed.model
    lonely = replace(model, aligned=model.aligned and replace(model.aligned, crowd=model.aligned.crowd[:0]))
    arms = {"the aligned arm as well": placed.rival, "refined by contrast": lonely, "less for crowded places": model}
    return {name: of.ranking.aligned * standard(world.near(of, placed.features)) for name, of in arms.items()}


def measure_cold(
    world: World,
    placed: Placed,
    before: tuple[World, Placed] | None,
    recipe: Recipe,
    figures: dict[str, Any],
    console: Console,
    *,
    short: bool,
) -> list[list[str]]:
    """Nothing but the photo is indexed; what each question found comes back."""
    right, model = [world.names[row] for row in world.right], placed.model
    rows: dict[str, Float64] = {}
    with store_of(world.names, world.photos, placed.features, model) as store:
        found = found_in(store, world.queries, model, widenings=world.widenings, texts=world.texts)
        rows["photosense"] = ranks_among(found, right)
        if not short:
            rows["... not widened by ideas"] = ranks_in(store, world.queries, right, model, texts=world.texts)
            rows["... without the aligned arm"] = ranks_in(store, world.queries, right, replace(model, aligned=None))
            rows["... topics alone, L1"] = ranks_in(store, world.queries, right, model, Mode.TOPICS)
        russian = ranks_in_russian(store, world, model)
    if before is not None:
        then, of_two = before
        with store_of(then.names, then.photos, of_two.features, of_two.model) as store:
            rows[BEFORE] = ranks_in(store, then.queries, right, of_two.model, widenings=then.widenings)
            russian[BEFORE] = ranks_in_russian(store, then, of_two.model)["photosense"]
    rows["CCA alone"] = ranks_of(cca(world.queries, placed.features, placed.rival), world.right).astype(float)
    if not short:
        topics = min(100, recipe.topics)
        for name, scores in image2pic(world.taught, world.queries, world.photos, topics, recipe.threads).items():
            rows[f"image2pic's way, {name}"] = ranks_of(scores, world.right).astype(float)
    figures |= _named("cold", _print("Cold: only photos are indexed", rows, console), "photosense")
    figures |= _named("cca", _shares(rows["CCA alone"]), None)
    figures |= _russian("cold", "Cold, asked in Russian, learned from English", russian, world, console)
    return found


def ranks_in_russian(store: Store, world: World, model: TopicModel) -> dict[str, Float64]:
    """Questions in Russian: as a visitor gets answers, and without ideas."""
    right = [question.photo for question in world.russian]
    return {
        "photosense": ranks_in(
            store,
            world.in_russian,
            right,
            model,
            widenings=world.meanings,
            texts=[question.text for question in world.russian],
        ),
        "... not widened by ideas": ranks_in(store, world.in_russian, right, model),
    }


def measure_warm(
    world: World,
    placed: Placed,
    before: tuple[World, Placed] | None,
    figures: dict[str, Any],
    console: Console,
    *,
    short: bool,
) -> None:
    """Four captions are indexed with the photo, the fifth asks; each caption in its turn."""
    model = placed.model
    parts: dict[str, list[Float64]] = {}
    for turn in range(CAPTIONS):
        posts = world.but_one(turn)
        queries = world.queries[turn::CAPTIONS]
        numbers = list(range(len(world.names)))
        widenings, texts = world.widenings[turn::CAPTIONS], world.texts[turn::CAPTIONS]
        with store_of(world.names, posts, placed.features, model) as store:
            parts.setdefault("photosense", []).append(
                ranks_in(store, queries, world.names, model, widenings=widenings, texts=texts)
            )
            if not short:
                parts.setdefault("... not widened by ideas", []).append(
                    ranks_in(store, queries, world.names, model, texts=texts)
                )
                only = ranks_in(store, queries, world.names, model, Mode.WORDS)
                parts.setdefault("words alone", []).append(only)
            if turn == 0:
                russian = ranks_in_russian(store, world, model)
        if before is not None:
            then, of_two = before
            with store_of(then.names, then.but_one(turn), of_two.features, of_two.model) as store:
                parts.setdefault(BEFORE, []).append(
                    ranks_in(store, queries, then.names, of_two.model, widenings=widenings)
                )
        parts.setdefault("BM25", []).append(ranks_of(bm25(queries, posts), numbers).astype(float))
    rows = {name: np.stack(ranks, axis=1).ravel() for name, ranks in parts.items()}
    shares = _print("Warm: photos and four captions are indexed", rows, console)
    figures |= _named("warm", shares, "photosense") | _named("bm25", shares, "BM25")
    figures |= _russian("warm", "Warm, asked in Russian, captions in English", russian, world, console)


def with_sense(world: World, found: Sequence[Sequence[str]]) -> float:
    """Share of questions whose photo is among the first five of 100, drawn anew for each question."""
    rng = np.random.default_rng(0)
    number = {name: row for row, name in enumerate(world.names)}
    successes = []
    for ids, right in zip(found, world.right, strict=True):
        others = rng.choice(np.delete(np.arange(len(world.names)), right), min(99, len(world.names) - 1), replace=False)
        places = np.full(len(world.names), np.inf)  # those that were not found come last
        places[[number[name] for name in ids]] = np.arange(len(ids))
        successes.append(np.isfinite(places[right]) and (places[others] < places[right]).sum() < 5)
    return float(np.mean(successes))


def measure_time(size: int, placed: Placed, world: World, figures: dict[str, Any], console: Console) -> None:
    """One question of words among many posts: the arm of topics alone, then all arms and the last ordering."""
    rng, model = np.random.default_rng(0), placed.model
    names, posts, features = [], [], []
    for n in range(size):
        one, other = rng.integers(0, len(world.names), 2)
        names.append(f"post-{n}")
        posts.append({TEXT: world.taught[int(one) % len(world.taught)][TEXT], IMAGE: world.photos[int(other)][IMAGE]})
        features.append(placed.features[int(other)] + rng.normal(scale=0.3, size=placed.features.shape[1]))
    gate = Gate(load_policy(), default_lexicon())
    rule = gate.policy.strictest
    begun = time.perf_counter()
    asked = zip(world.queries[:200], world.texts, strict=False)
    questions = [query_of(query, model, text=text) for query, text in asked]
    figures["query_ms"] = (time.perf_counter() - begun) * 1000 / len(questions)
    console.print(f"Making a query of a question: {figures['query_ms']:.1f} ms, with what it means where that is read")
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
    parser.add_argument("--text-encoder", type=Path, help="its description: all networks and what texts mean as well")
    parser.add_argument(
        "--encoder", action="append", help="`patches` or a description, several times: these see, fitted to nothing"
    )
    parser.add_argument("--usual", action="store_true", help="one model of 50 topics, as the settings have it")
    parser.add_argument("--beside", action="store_true", help="two networks and words alone as well")
    parser.add_argument("--short", action="store_true", help="no row without an ingredient, no time among 100,000")
    return parser.parse_args()


if __name__ == "__main__":
    main()
