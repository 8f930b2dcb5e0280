"""The embedded store beside what one could search thetas with instead: writing, searching, recall, room.

100,000 posts of 100 topics (--million: ten times as many), four fifths of them open, with words, a caption and a field
of the site. Every query is one theta that no post has; hits come whole, with payload and theta, as the service needs
them. Rivals are asked the same queries in turn with the store: numpy brute force (as image2pic searched), the client's
local mode, and, when they are installed, faiss (flat, L1) and sklearn's BallTree. The last two keep numbers only: no
payload, no filter, nothing on disk.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from qdrant_client import QdrantClient
from rich.console import Console
from rich.progress import track
from rich.table import Table

from qdrant.edge.files import allocated
from qdrant.engine.fusion import fused
from qdrant.filters import Filter, any_of
from qdrant.open_store import open_folder, open_server
from qdrant.points import PhotoPoint
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA

TOPICS, MODEL, TOP = 100, "bench", 10
OPEN = any_of("vis", ["open"])
COUNTRIES: dict[str, Filter | None] = {
    "nothing withheld": None,
    "open": OPEN,
    "clear alone": any_of("child", ["clear"]),
    "all but children": any_of("child", ["clear", "consented", "review"]),
}
LOCAL = 20_000  # the client's local mode takes minutes to fill with more
console = Console(stderr=True)


def thetas(count: int, seed: int) -> np.ndarray:
    """Draw mixtures as a topic model infers them: a few topics each, on a little of everything."""
    rng = np.random.default_rng(seed)
    drawn = rng.gamma(0.05, size=(count, TOPICS)).astype(np.float32) + 1e-5
    return np.asarray(drawn / drawn.sum(1, keepdims=True))


def posts(mixtures: np.ndarray, start: int = 0) -> Iterator[PhotoPoint]:
    """Write a post for each mixture."""
    rng = np.random.default_rng(start)
    for number, theta in enumerate(mixtures, start):
        words = {f"w{word}": 1.0 for word in np.minimum(rng.zipf(1.3, 8), 50_000)}
        child = ("clear", "clear", "clear", "consented", "child" if number % 2 else "review")[number % 5]
        yield PhotoPoint(
            id=f"post-{number}",
            vis="open" if child in ("clear", "consented") else "held",
            child=child,
            post={"captions": [{"text": " ".join(words), "author": f"u{number % 999}"}], "tags": ["sea"], "link": "/p"},
            document={"text": words},
            words=words,
            vectors={THETA.of(MODEL): theta},
            attrs={"place": f"place {number % 50}"},
        )


def fill(store: Store, mixtures: np.ndarray) -> float:
    """Send every post in batches, each acknowledged; give posts a second."""
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    spent, written = 0.0, 0
    for start in track(range(0, len(mixtures), 500), "writing", console=console, disable=not console.is_terminal):
        batch = list(posts(mixtures[start : start + 500], start))
        began = time.perf_counter()
        store.upsert(batch)
        spent += time.perf_counter() - began
        written += len(batch)
    return written / spent


def timed(asks: dict[str, Callable[[int], object]], queries: int) -> dict[str, list[float]]:
    """Ask everybody every query, in turn; milliseconds of each."""
    milliseconds: dict[str, list[float]] = {name: [] for name in asks}
    for ask in asks.values():
        ask(0)
    for query in track(range(queries), "searching", console=console, disable=not console.is_terminal):
        for name, ask in asks.items():
            began = time.perf_counter()
            ask(query)
            milliseconds[name].append(1000 * (time.perf_counter() - began))
    return milliseconds


def recall(store: Store, questions: np.ndarray) -> dict[str, float]:
    """How many of the ten nearest the graph finds, for each country's filter; posts equally far count as found."""
    shares = {}
    for country, condition in COUNTRIES.items():
        hits = 0
        for theta in questions:
            exact = store.candidates(Search(TOP, {THETA: Target(theta)}, filter=condition, exact=True)).hits[THETA]
            walked = store.candidates(Search(TOP, {THETA: Target(theta)}, filter=condition, exact=False)).hits[THETA]
            hits += sum(hit.score <= exact[-1].score + 1e-6 for hit in walked)
        shares[country] = hits / (TOP * len(questions))
    return shares


def brute(mixtures: np.ndarray, allowed: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Search as image2pic did: all distances, then the least, among what may be shown."""
    visible_mixtures = mixtures[allowed]

    def search(theta: np.ndarray) -> np.ndarray:
        distances = np.abs(visible_mixtures - theta).sum(1)
        return np.argpartition(distances, TOP)[:TOP]

    return search


def rivals(mixtures: np.ndarray, questions: np.ndarray) -> dict[str, Callable[[int], object]]:
    """Whoever is here."""
    everything = brute(mixtures, np.arange(len(mixtures)))
    allowed = brute(mixtures, np.flatnonzero(np.arange(len(mixtures)) % 5 != 4))
    asks: dict[str, Callable[[int], object]] = {
        "numpy": lambda query: everything(questions[query]),
        "numpy, open posts": lambda query: allowed(questions[query]),
    }
    if find_spec("faiss"):
        import faiss

        faiss.omp_set_num_threads(1)
        flat = faiss.IndexFlat(TOPICS, faiss.METRIC_L1)
        flat.add(mixtures)
        asks["faiss flat, L1"] = lambda query: flat.search(questions[query : query + 1], TOP)
    if find_spec("sklearn"):
        from sklearn.neighbors import BallTree

        tree = BallTree(mixtures, metric="manhattan")
        asks["sklearn BallTree"] = lambda query: tree.query(questions[query : query + 1], TOP)
    return asks


def local_mode(mixtures: np.ndarray, questions: np.ndarray) -> dict[str, Callable[[int], object]]:
    """The client's local mode with as many posts as it can bear, a fifth of the others'."""
    local = open_server("local", client=QdrantClient(":memory:"))
    fill(local, mixtures[:LOCAL])
    return {
        f"client local mode, {LOCAL:,} open posts": lambda query: local.candidates(
            Search(TOP, {THETA: Target(questions[query])}, filter=OPEN)
        )
    }


def ours(store: Store, questions: np.ndarray, graph: bool) -> dict[str, Callable[[int], object]]:
    """The ways the service asks the store."""
    words = [
        {f"w{word}": 1.0 for word in row} for row in np.minimum(np.random.default_rng(5).zipf(1.3, (999, 3)), 50_000)
    ]

    def hybrid(query: int) -> object:
        search = Search(100, {THETA: Target(questions[query])}, words=words[query % 999], filter=OPEN, exact=not graph)
        candidates = store.candidates(search)
        return fused(candidates.hits[THETA], candidates.words)[:TOP]

    def by_theta(condition: Filter | None) -> Callable[[int], object]:
        return lambda query: store.candidates(
            Search(TOP, {THETA: Target(questions[query])}, filter=condition, exact=not graph)
        )

    name = "graph" if graph else "exact"
    return {
        f"{name}": by_theta(None),
        f"{name}, open posts": by_theta(OPEN),
        f"{name}, both arms of 100, fused": hybrid,
    }


def rows(milliseconds: dict[str, list[float]]) -> list[tuple[str, float, float]]:
    """Median and the value that one in a hundred exceeds."""
    return [(name, statistics.median(one), sorted(one)[int(len(one) * 0.99)]) for name, one in milliseconds.items()]


def main() -> None:
    """Print a table for people, and one object for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 posts, fewer queries")
    parser.add_argument("--million", action="store_true", help="a million posts")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "Local mode|Payload indexes", UserWarning)
    count = 20_000 if options.quick else 1_000_000 if options.million else 100_000
    queries = 60 if options.quick else 200
    mixtures, questions = thetas(count, 1), thetas(queries, 2)
    with tempfile.TemporaryDirectory() as folder:
        store = open_folder(Path(folder) / "store")
        rate = fill(store, mixtures)
        store.close()
        began = time.perf_counter()
        store = open_folder(Path(folder) / "store")
        opened = time.perf_counter() - began
        milliseconds = timed({**ours(store, questions, graph=False), **rivals(mixtures, questions)}, queries)
        milliseconds |= timed(local_mode(mixtures, questions), min(queries, 20))
        began = time.perf_counter()
        store.optimize()
        optimized = time.perf_counter() - began
        milliseconds |= timed(ours(store, questions, graph=True), queries)
        recalls = recall(store, questions[: 40 if options.quick else 100])
        disk = allocated(Path(folder) / "store")
        store.close()
    table = Table("search, ten nearest", "p50 ms", "p99 ms", title=f"{Path(__file__).name}: {count:,} posts")
    for name, usual, last in rows(milliseconds):
        table.add_row(name, f"{usual:.2f}", f"{last:.2f}")
    Console().print(table)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Console().print(
        f"{rate:,.0f} posts a second, acknowledged · opens in {opened:.2f} s · optimized in {optimized:.1f} s · "
        f"{disk / count:,.0f} bytes a post on disk · {memory:,.0f} MB of memory at most, rivals included"
    )
    Console().print("recall of the graph, ten nearest: " + ", ".join(f"{k} {v:.3f}" for k, v in recalls.items()))
    median = {name: statistics.median(one) for name, one in milliseconds.items()}
    figures = {
        "upserts_per_s": rate,
        "open_s": opened,
        "exact_p50_ms": median["exact, open posts"],
        "hnsw_p50_ms": median["graph, open posts"],
        "vs_numpy": median["numpy, open posts"] / median["exact, open posts"],
        "recall_at_10": min(recalls.values()),
        "bytes_per_post": disk / count,
    }
    if options.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
