"""One pass of learning beside BigARTM 0.9.2, from the same Phi: seconds, ratio, and how far the two Phi are apart.

20,000 posts of about 130 distinct tokens in three modalities. BigARTM runs in a process of its own
(PHOTOSENSE_BIGARTM_PYTHON), without scores, on batches of 1,000 documents, and is timed inside it. The engines take
turns, pass by pass, so that a busy machine disturbs both; the first pass of each warms up. scikit-learn learns LDA
from the text alone, for scale, when it is installed.
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from rich.console import Console
from rich.table import Table

from topic_model.corpus import Corpus
from topic_model.errors import EngineMissing
from topic_model.training.bigartm import open_bigartm
from topic_model.training.em import first_state, learn
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import Group, Regulariser, RegulariserKind
from topic_model.vocabulary import Vocabulary

POSTS = 20_000
SIZES = {"text": 12_000, "tag": 4_000, "image": 1_000}
DRAWN = {"text": 30, "tag": 6, "image": 130}  # tokens a post, some of them twice
REGULARISERS = (
    Regulariser(RegulariserKind.DECORRELATE, 1000.0, Group.SUBJECT),
    Regulariser(RegulariserKind.PHI, -0.2, Group.SUBJECT),
    Regulariser(RegulariserKind.PHI, 0.1, Group.BACKGROUND),
    Regulariser(RegulariserKind.THETA, -0.02, Group.SUBJECT),
    Regulariser(RegulariserKind.THETA, 0.1, Group.BACKGROUND),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared."""

    topics: int
    threads: int
    regularisers: tuple[Regulariser, ...]


def draw(posts: int, sizes: Mapping[str, int], topics: int = 60) -> tuple[Corpus, Vocabulary]:
    """Draw posts of two topics each; words are common and rare as Zipf says."""
    rng = np.random.default_rng(1)
    total = sum(sizes.values())
    of_post = rng.integers(0, topics, (posts, 2))
    keys, start = [], 0
    for modality, size in sizes.items():
        ranks = (size ** rng.random((posts, DRAWN[modality])) - 1).astype(np.int64)
        chosen = np.take_along_axis(of_post, rng.integers(0, 2, ranks.shape), axis=1)
        rows = start + (ranks + chosen * (size // topics)) % size  # each topic has other common words
        keys.append((np.arange(posts)[:, None] * total + rows).ravel())
        start += size
    distinct, counts = np.unique(np.concatenate(keys), return_counts=True)
    documents, rows = np.divmod(distinct, total)
    indptr = np.searchsorted(documents, np.arange(posts + 1))
    tokens = {modality: tuple(f"{modality}{n}" for n in range(size)) for modality, size in sizes.items()}
    return Corpus(indptr.astype(np.int64), rows.astype(np.int32), counts.astype(np.float32)), Vocabulary(tokens)


def compare(case: Case, corpus: Corpus, vocabulary: Vocabulary, passes: int) -> tuple[float, float, float]:
    """Let both learn by turns; returns our median seconds, BigARTM's, and the largest difference of Phi."""
    recipe = Recipe(topics=case.topics, passes=passes + 1, regularisers=case.regularisers, threads=case.threads)
    start = first_state(vocabulary, recipe)
    ours, theirs, apart = [], [], 0.0
    learning, rival = learn([corpus], vocabulary, recipe, start), start
    with open_bigartm([corpus], vocabulary, recipe, start, perplexity=False) as engine:
        for _ in range(recipe.passes):
            begun = time.perf_counter()
            state = next(learning)
            ours.append(time.perf_counter() - begun)
            rival, seconds = engine.one_pass(rival)
            theirs.append(seconds)
            apart = max(apart, float(np.abs(state.phi - rival.phi).max()))
    return statistics.median(ours[1:]), statistics.median(theirs[1:]), apart


def scikit_learn(corpus: Corpus, topics: int, threads: int) -> float | None:
    """Seconds of one pass of variational LDA over the text, with as many inner rounds; None when not installed."""
    if find_spec("sklearn") is None:
        return None
    from scipy.sparse import csr_array
    from sklearn.decomposition import LatentDirichletAllocation

    words = csr_array((corpus.counts, corpus.rows, corpus.indptr), shape=(corpus.documents, sum(SIZES.values())))
    lda = LatentDirichletAllocation(
        topics, learning_method="batch", max_iter=1, max_doc_update_iter=10, mean_change_tol=0.0, n_jobs=threads
    )
    begun = time.perf_counter()
    lda.fit(words[:, : SIZES["text"]])
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two threads, without regularisers, six passes")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    corpus, vocabulary = draw(POSTS, SIZES)
    threads, choices = ((2,), ((),)) if options.quick else ((1, 2), ((), REGULARISERS))
    table = Table("topics", "threads", "regularisers", "ours s", "BigARTM s", "ratio", "Phi apart", title="a pass")
    figures: dict[str, float] = {}
    apart = 0.0
    for case in (Case(k, count, regularisers) for k in (50, 100) for count in threads for regularisers in choices):
        try:
            ours, theirs, difference = compare(case, corpus, vocabulary, 6 if options.quick else 9)
        except EngineMissing as missing:
            raise SystemExit(str(missing)) from missing
        apart = max(apart, difference)
        if case.threads == 2 and not case.regularisers:
            figures[f"ratio_k{case.topics}"] = theirs / ours
        row = (f"{ours:.3f}", f"{theirs:.3f}", f"{theirs / ours:.1f}", f"{difference:.1e}")
        table.add_row(str(case.topics), str(case.threads), str(len(case.regularisers)), *row)
    figures["phi_max_diff"] = apart
    console = Console()
    console.print(f"{POSTS} posts, {len(corpus.rows) / POSTS:.0f} distinct tokens each, vocabulary {vocabulary.size}")
    console.print(table)
    seconds = None if options.quick else scikit_learn(corpus, 50, 2)
    cell = "not measured (installed? without --quick?)" if seconds is None else f"{seconds:.1f} s"
    console.print(f"scikit-learn LDA, text alone, 50 topics, 2 threads, a pass: {cell}")
    if options.json:
        print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))


if __name__ == "__main__":
    main()
