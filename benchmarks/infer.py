"""Theta of one five-word query, and of 10,000 posts, beside BigARTM 0.9.2 `transform`: 100 topics, 50,000 tokens.

Ours is timed from the text: words found and brought to their stems and lemmas, looked up, inferred. BigARTM gets the
query ready made, in its memory, and is timed inside its own process (PHOTOSENSE_BIGARTM_PYTHON). Both take ten inner
rounds; the service takes two, on a line of its own. The engines take turns, on one thread each.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.em import draw
from topic_model.corpus import Corpus, encode
from topic_model.errors import EngineMissing
from topic_model.kernels.compiled import infer_batch
from topic_model.model import QUERY_ITERATIONS, TopicModel
from topic_model.tokens import tokenize
from topic_model.training.bigartm import BigArtm, open_bigartm
from topic_model.training.em import first_state
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

POSTS = 10_000
SIZES = {"text": 40_000, "tag": 9_000, "image": 1_000}
ROUNDS = 10
QUERIES = (
    "закат над морем, лодка, тихий вечер",
    "snowy mountain peaks under morning clouds",
    "огни большого ночного города зимой",
    "a small wooden boat, calm lake, fog",
    "cup of coffee, old table, book, window",
    "туман, осенний лес, жёлтые листья, дорога",
)


def untrained(vocabulary: Vocabulary, recipe: Recipe) -> TopicModel:
    """Make a model that knows nothing: how long it takes does not depend on what it learned."""
    phi = first_state(vocabulary, recipe).phi
    even = np.full(recipe.topics, 1 / recipe.topics, np.float32)
    return TopicModel("benchmark", vocabulary, phi, phi.mean(axis=1), even, recipe, "none")


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def one_query(model: TopicModel, engine: BigArtm, repeat: int) -> tuple[list[float], list[float], list[float], float]:
    """Seconds of each query: ours, ours as served, BigARTM's; and how far apart the two thetas are at most."""
    ours, served, theirs, apart = [], [], [], 0.0
    for text in QUERIES * (repeat // 20):

        def ask(rounds: int, text: str = text) -> object:
            return model.theta({"text": tokenize(text).text}, iterations=rounds)

        thetas, seconds = engine.thetas(encode([{"text": tokenize(text).text}], model.vocabulary), repeat)
        theirs += seconds
        ours += [seconds_of(lambda: ask(ROUNDS)) for _ in range(repeat)]
        served += [seconds_of(lambda: ask(QUERY_ITERATIONS)) for _ in range(repeat)]
        apart = max(apart, float(np.abs(ask(ROUNDS) - thetas[0]).max()))
    return ours, served, theirs, apart


def many_posts(model: TopicModel, engine: BigArtm, corpus: Corpus, repeat: int) -> tuple[float, float]:
    """Median seconds for all posts: ours and BigARTM's."""
    keep, prior = np.ones(model.topics, np.float32), np.zeros(model.topics, np.float32)

    def infer() -> object:
        return infer_batch(corpus.indptr, corpus.rows, corpus.counts, model.phi, keep, prior, ROUNDS)

    turns = [(seconds_of(infer), engine.thetas(corpus)[1][0]) for _ in range(repeat + 1)][1:]  # the first warms up
    return statistics.median(ours for ours, _ in turns), statistics.median(theirs for _, theirs in turns)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    corpus, drawn = draw(POSTS, SIZES)
    words = dict.fromkeys(word for text in QUERIES for word in tokenize(text).text)
    vocabulary = Vocabulary({**drawn.tokens, "text": (*words, *drawn.tokens["text"][len(words) :])})
    recipe = Recipe(topics=100, inner=ROUNDS, regularisers=(), threads=1)
    model = untrained(vocabulary, recipe)
    try:
        with open_bigartm([corpus], vocabulary, recipe, first_state(vocabulary, recipe), perplexity=False) as engine:
            ours, served, theirs, apart = one_query(model, engine, 40 if options.quick else 200)
            batch, rival = many_posts(model, engine, corpus, 3 if options.quick else 9)
    except EngineMissing as missing:
        raise SystemExit(str(missing)) from missing
    p50, p50_served, p50_theirs = (statistics.median(each) for each in (ours, served, theirs))
    table = Table("work", "ours", "BigARTM", "ratio", title=Path(__file__).name)
    table.add_row("one query, p50 ms", f"{p50 * 1e3:.4f}", f"{p50_theirs * 1e3:.3f}", f"{p50_theirs / p50:.0f}")
    table.add_row(
        "the same as served", f"{p50_served * 1e3:.4f}", f"{p50_theirs * 1e3:.3f}", f"{p50_theirs / p50_served:.0f}"
    )
    table.add_row("posts a second", f"{POSTS / batch:,.0f}", f"{POSTS / rival:,.0f}", f"{rival / batch:.1f}")
    Console().print(table, f"thetas of a query are {apart:.0e} apart at most")
    if options.json:
        figures = {"ratio": p50_theirs / p50, "p50_ms": p50 * 1e3, "batch_ratio": rival / batch}
        print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))


if __name__ == "__main__":
    main()
